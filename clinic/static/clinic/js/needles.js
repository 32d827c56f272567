// Counting needles with a thumb: a tap fills in what was listed or what went in, plus
// and minus step, and a difference asks for its note. A point that is other than last
// time says so, and asks why; a technique asks how it was set. Everything works without.

const rows = () => [...document.querySelectorAll(".needling")];

function listed() {
  return rows().reduce((sum, row) => {
    if (row.querySelector('[name$="-drop"]')?.checked) return sum;
    if (!Number(row.querySelector('[name$="-depth_mm"]').value)) return sum;
    const times = Number(row.querySelector('[name$="-count"]')?.value ?? 1);
    return sum + times * (side(row) === "both" ? 2 : 1);
  }, 0);
}

function set(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// What a button would fill in, or nothing while that isn't known.
function source(button) {
  const from = button.dataset.fillFrom;
  return from === "needles" ? String(listed()) : document.getElementById(from).value;
}

function side(row) {
  const fields = row.querySelectorAll('[name$="-side"]');
  return [...fields].find((field) => field.type === "hidden" || field.checked)?.value;
}

function askWhy(row) {
  const given = ["depth_mm", "technique", "count"]
    .map((name) => row.querySelector(`[name$="-${name}"]`)?.value)
    .filter((value) => value !== undefined);
  const now = [side(row), ...given].join(" ");
  const dropped = row.querySelector('[name$="-drop"]').checked;
  // A new point that is left out again was never there.
  const changed = row.dataset.was ? dropped || now !== row.dataset.was : !dropped;
  row.querySelector("[data-why]").hidden = !changed;
}

// What a technique needs is asked where a point has it.
function askSettings() {
  const techniques = rows()
    .filter((row) => !row.querySelector('[name$="-drop"]').checked)
    .map((row) => row.querySelector('[name$="-technique"]').value);
  for (const part of document.querySelectorAll("[data-stimulation]")) {
    const own = part.dataset.stimulation.split(" ");
    part.hidden = !techniques.some((name) => own.includes(name));
  }
  for (const row of rows()) {
    const technique = row.querySelector('[name$="-technique"]').value;
    row.querySelector("[data-pair]").hidden = technique !== "electro";
  }
}

function touch(part) {
  part.removeAttribute("data-copied");
  part.querySelector("[data-copied-words]")?.remove();
}

function follow() {
  rows().forEach(askWhy);
  askSettings();
  document.querySelector("[data-needles]").textContent = listed();
  for (const button of document.querySelectorAll("[data-fill]")) {
    const value = source(button);
    button.querySelector("span").textContent = value;
    button.disabled = !value;
  }
  document.querySelector("[data-exceptions]").textContent = [
    ...document.querySelectorAll("[data-aseptic] input"),
  ].filter((field) => field.value.trim()).length;
}

// Once a count is finished: the first digit of twelve is no difference yet.
function askIncident() {
  const [given, taken] = ["id_needles_in", "id_needles_out"].map(
    (id) => document.getElementById(id).value,
  );
  const note = document.querySelector("[data-incident]");
  note.open = Boolean((given && taken && given !== taken) || note.querySelector("textarea").value);
}

function step(button) {
  const field = document.getElementById(button.parentElement.dataset.steps);
  const next = field.value ? Number(field.value) + Number(button.dataset.step) : listed();
  set(field, Math.max(0, Math.min(Number(field.max), next)));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill], [data-step]");
  if (button?.dataset.step) step(button);
  else if (button) set(document.getElementById(button.dataset.fill), source(button));
  if (button) askIncident();
  if (event.target.closest('.log__pledge a')) {
    document.querySelector("[data-aseptic]").open = true;
  }
});
document.addEventListener("change", (event) => {
  if (event.target.closest(".count")) askIncident();
});
document.addEventListener("input", (event) => {
  const part = event.target.closest("[data-stimulation]");
  if (part) touch(part);
  follow();
});

for (const hidden of document.querySelectorAll("[data-fill], [data-steps]")) {
  hidden.hidden = false;
}
follow();
