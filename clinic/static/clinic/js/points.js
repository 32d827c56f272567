// The points of a session. What is typed or tapped is read by the server, which gives
// back the rows that are new or changed; the rest of the page stays as it is. A chip
// follows its fields. Without script the same buttons send the form.

const points = document.querySelector("[data-points]");
const form = points.closest("form");
const list = points.querySelector("[data-needlings]");
const field = points.querySelector("[data-finder] input");
const told = points.querySelector("[data-points-said]");
const undo = points.querySelector("[data-points-undo]");

const rows = () => [...list.querySelectorAll(".needling")];
const drop = (row) => row.querySelector(".needling__drop input");
const rowOf = (code) => list.querySelector(`[data-code="${CSS.escape(code)}"]`);

// Reading

const PATIENCE = 8_000; // milliseconds
let reading = Promise.resolve();

// One after the other: each is read with the rows that the one before brought.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-read]");
  if (button?.form !== form) return;
  event.preventDefault();
  const typed = button.name === "do" ? field.value : "";
  if (button.name === "do" && !typed.trim()) return field.focus();
  if (typed) field.value = `${typed} `;
  const { value } = button;
  reading = reading.then(() => read(button, value, typed));
});

async function read(button, value, typed) {
  button.value = value; // the next may have another by now
  const sent = new FormData(form, button);
  sent.set("words", typed);
  try {
    const reply = await fetch(points.dataset.points, {
      method: "POST",
      body: sent,
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (!reply.ok) throw new Error(reply.status);
    const page = document.createElement("template");
    page.innerHTML = await reply.text();
    put(page.content.firstElementChild, typed);
  } catch {
    form.requestSubmit(button); // the whole page then says what is wrong
  }
}

function put(heard, typed) {
  const left = document.activeElement;
  for (const row of heard.querySelectorAll(".needling")) {
    const before = rowOf(row.dataset.code);
    if (before) before.replaceWith(row);
    else list.append(row);
    prepare(row);
  }
  points.querySelector("[data-questions]").replaceWith(heard.querySelector("[data-questions]"));
  if (heard.dataset.retention) form.elements.retention_min.value = heard.dataset.retention;
  if (typed && field.value.startsWith(typed)) {
    field.value = field.value.slice(typed.length).trimStart();
  }
  say(heard.dataset.said);
  if (!left.isConnected) field.focus({ preventScroll: true });
  field.dispatchEvent(new Event("input", { bubbles: true }));
  count();
}

// Taking back

const takenBack = [];

function say(text, canUndo = false) {
  told.textContent = text;
  undo.hidden = !canUndo;
}

field.addEventListener("keydown", (event) => {
  // Held down it clears the field, and no more.
  if (event.key !== "Backspace" || field.value || event.repeat || event.isComposing) return;
  const row = rows().findLast((each) => !drop(each).checked);
  if (!row) return;
  event.preventDefault();
  drop(row).click();
});

undo.addEventListener("click", () => {
  const code = takenBack.pop();
  const box = code && rowOf(code) && drop(rowOf(code));
  if (box?.checked) box.click();
  say("");
  field.focus({ preventScroll: true });
});

// Chips

function words(control) {
  if (control.tagName === "SELECT") return control.selectedOptions[0].textContent;
  return control.value;
}

function askReason(row, depth) {
  const reason = row.querySelector("[data-reason]");
  const given = reason.querySelector("input").value;
  const needed = Number(depth) > Number(row.dataset.cap);
  reason.classList.toggle("needling__reason", !needed && !given);
  if (needed) row.querySelector("details").open = true;
}

list.addEventListener("input", ({ target }) => {
  const row = target.closest(".needling");
  row.removeAttribute("data-copied");
  row.querySelector("[data-copied-words]")?.remove();
  const name = target.name.slice(target.name.lastIndexOf("-") + 1);
  const shown = row.querySelector(`[data-shows="${CSS.escape(name)}"]`);
  if (shown) shown.textContent = words(target);
  if (name === "depth_mm") askReason(row, target.value);
  if (name === "drop") {
    const { code } = row.dataset;
    if (target.checked) takenBack.push(code);
    say(target.checked ? told.dataset.leftOut.replace("{}", code) : "", target.checked);
  }
  count();
});

// To the next whole step: 22, 25, 30.
function stepped(from, step) {
  const steps = from / step;
  return step * (Math.floor(steps) + 1);
}

list.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-deeper]");
  if (!button) return;
  const depth = button.closest(".needling__depth").querySelector("input");
  const step = Number(button.dataset.deeper);
  depth.value = Math.min(Math.max(stepped(Number(depth.value), step), depth.min), depth.max);
  depth.dispatchEvent(new Event("input", { bubbles: true }));
});

function count() {
  const standing = rows().filter((row) => !drop(row).checked);
  const ashi = standing.find((row) => row.dataset.code === "ASHI");
  points.querySelector("[data-point-count]").textContent = standing.length - (ashi ? 1 : 0);
  points.querySelector("[data-ashi]").hidden = !ashi;
  points.querySelector("[data-ashi-count]").textContent =
    ashi?.querySelector('[name$="-count"]').value ?? "";
}

function prepare(row) {
  for (const step of row.querySelectorAll("[data-deeper]")) step.hidden = false;
}
rows().forEach(prepare);
count();
