// A point is found as one types: a combobox with its list. Arrows walk, Enter adds,
// Escape closes. Without script the field takes the name as it is.

const PAUSE = 150; // milliseconds without a key before the server is asked

for (const finder of document.querySelectorAll("[data-finder]")) {
  const input = finder.querySelector("input");
  const button = finder.querySelector("button");
  const list = finder.querySelector("[role=listbox]");
  const said = finder.querySelector("[data-finder-said]");
  let waiting;
  let asked = "";

  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-controls", list.id],
    ["aria-expanded", "false"],
    ["autocomplete", "off"],
  ]) {
    input.setAttribute(name, value);
  }

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  function show(open) {
    list.hidden = !open;
    if (open) list.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-expanded", String(open));
    if (!open) choose(null);
  }

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function add(option) {
    if (option.getAttribute("aria-disabled") === "true") return;
    input.value = option.dataset.value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    clearTimeout(waiting);
    show(false);
    button.click();
  }

  async function ask() {
    const typed = input.value.trim();
    asked = typed;
    if (!typed) return show(false);
    try {
      const query = new URLSearchParams({ add: typed });
      const reply = await fetch(`${finder.dataset.finder}?${query}`, { redirect: "error" });
      const found = reply.ok ? await reply.text() : "";
      if (asked !== typed || input.value.trim() !== typed) return;
      list.innerHTML = found;
      said.textContent = list.querySelector(".finder__said")?.textContent ?? "";
      show(list.childElementCount > 0);
    } catch {
      show(false); // the field still takes a name
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // Enter takes what an input method offers
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      show(false);
    } else if (event.key === "Enter") {
      // In this field Enter adds; it must not press the form's first button.
      event.preventDefault();
      if (chosen()) add(chosen());
      else if (input.value.trim()) {
        clearTimeout(waiting);
        asked = "";
        show(false);
        button.click();
      }
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return;
      event.preventDefault();
      const all = options();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const at = all.indexOf(chosen());
      const next = at < 0 && step < 0 ? all.length - 1 : at + step;
      choose(all[(next + all.length) % all.length] ?? null);
    }
  });

  // Before the field loses the focus, so that the list is still there.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) add(option);
  });
  input.addEventListener("blur", () => show(false));
}
