// The session form: a chip follows its fields, loses its tint once touched, and asks
// for a reason as soon as the depth passes the cap. Everything works without.

document.documentElement.classList.add("scripted");

function words(control) {
  if (control.type === "radio") return control.labels[0].textContent.trim();
  if (control.tagName === "SELECT") return control.selectedOptions[0].textContent;
  return control.value;
}

function askReason(row, depth) {
  const reason = row.querySelector("[data-reason]");
  const field = reason.querySelector("input");
  const needed = Number(depth) > Number(row.dataset.cap) || field.value;
  reason.classList.toggle("needling__reason", !needed);
}

document.addEventListener("input", (event) => {
  const row = event.target.closest(".needling");
  if (!row) return;
  row.removeAttribute("data-copied");
  row.querySelector("[data-copied-words]")?.remove();
  const name = event.target.name.slice(event.target.name.lastIndexOf("-") + 1);
  const shown = row.querySelector(`[data-shows="${CSS.escape(name)}"]`);
  if (shown) shown.textContent = words(event.target);
  if (name === "depth_mm") askReason(row, event.target.value);
});

// A link from the list of mistakes opens the fold that hides its field.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-error-summary] a");
  const field = link && document.getElementById(link.hash.slice(1));
  for (let fold = field?.closest("details"); fold; ) {
    fold.open = true;
    fold = fold.parentElement.closest("details");
  }
});
