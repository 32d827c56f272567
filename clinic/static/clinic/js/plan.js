// Figure and list light each other up: hover, focus or tap one, see the other. The
// figure turns to a view that shows the point.

const figure = document.querySelector(".rx-page__figure");

function lines(code) {
  return document.querySelectorAll(`#point-${CSS.escape(code)}`);
}

function spots(code) {
  return figure?.querySelectorAll(`[data-code="${CSS.escape(code)}"]`) ?? [];
}

function light(code, on) {
  for (const line of lines(code)) line.toggleAttribute("data-lit", on);
  for (const spot of spots(code)) spot.classList.toggle("is-chosen", on);
}

function turnTo(code) {
  const views = [...spots(code)].map((spot) => spot.closest(".view"));
  if (!views.length || views.some((view) => view.offsetParent)) return;
  const name = views[0].className.match(/view--(\w+)/)[1];
  document.getElementById(`view-${name}`).checked = true;
}

function codeAt(target) {
  const spot = target.closest?.("[data-code]");
  if (spot) return spot.dataset.code;
  return target.closest?.(".rx__line")?.id.replace("point-", "");
}

for (const [event, on] of [
  ["pointerover", true],
  ["pointerout", false],
  ["focusin", true],
  ["focusout", false],
]) {
  document.addEventListener(event, ({ target }) => {
    const code = codeAt(target);
    if (!code) return;
    light(code, on);
    if (on && !figure.contains(target)) turnTo(code);
  });
}

// What a fold or the bar says in short was saved: once touched, it is not so any more.
document.getElementById("draft")?.addEventListener("input", ({ target }) => {
  const fold = target.closest(".fold");
  const bar = document.querySelector(".draft-dose");
  for (const said of fold?.querySelectorAll("[data-as-saved]") ?? []) said.hidden = true;
  if (fold?.contains(document.getElementById("course"))) bar.hidden = true;
});
