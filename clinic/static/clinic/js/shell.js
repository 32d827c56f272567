// The frame: menus, dim light, single-letter keys, messages. Pages work without it.

const root = document.documentElement;

// Menus are <details>: close on Escape, on a click elsewhere, on leaving by Tab.
for (const menu of document.querySelectorAll("details.menu")) {
  const close = (refocus) => {
    if (!menu.open) return;
    menu.open = false;
    if (refocus) menu.querySelector("summary").focus();
  };
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(true);
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) close(false);
  });
  document.addEventListener("pointerdown", (event) => {
    if (!menu.contains(event.target)) close(false);
  });
}

// A switch keeps one setting on this device; it may stand on a page beside the menu.
function bindSwitch(name, on, flip) {
  const buttons = document.querySelectorAll(`[data-switch="${name}"]`);
  const show = () => {
    for (const button of buttons) button.setAttribute("aria-checked", String(on()));
  };
  show();
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", () => {
      flip(!on());
      show();
    });
  }
}

bindSwitch(
  "dim",
  () => root.dataset.theme === "dim",
  (dim) => {
    root.dataset.theme = dim ? "dim" : "paper";
    localStorage.setItem("theme", root.dataset.theme);
  },
);

bindSwitch(
  "keys",
  () => root.dataset.keys !== "off",
  (on) => {
    root.dataset.keys = on ? "on" : "off";
    localStorage.setItem("keys", root.dataset.keys);
  },
);

// Single letters: an element with data-key="x" is clicked, or focused if it is a field.
// Off inside fields, with a modifier held, and where the person switched them off.
const FIELDS = "input, select, textarea, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (root.dataset.keys === "off" || event.key.length !== 1) return;
  if (event.target instanceof Element && event.target.closest(FIELDS)) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches(FIELDS)) {
    target.focus();
    target.select?.();
  } else {
    target.click();
  }
});

// Messages can be put away.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (!button) return;
  const message = button.closest("li");
  const list = message.parentElement;
  message.remove();
  if (!list.children.length) document.getElementById("main").focus();
});
for (const button of document.querySelectorAll("[data-dismiss]")) button.hidden = false;

// Print buttons.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
