// A score scale is also a slider: draw a finger along it, or type the number. Without
// script its steps are radio buttons, for a tap or the arrow keys.

const TEN = 700; // milliseconds in which a 0 after a 1 makes a ten

function choose(step) {
  const input = step?.querySelector("input");
  if (!input || input.checked) return;
  input.checked = true;
  for (const type of ["input", "change"]) {
    input.dispatchEvent(new Event(type, { bubbles: true }));
  }
}

let drawn = null; // the steps under the finger

document.addEventListener("pointerdown", (event) => {
  drawn = event.isPrimary ? event.target.closest?.(".scale__steps") : null;
  // A finger keeps what it first touched, unless it is let go of.
  if (drawn) event.target.releasePointerCapture?.(event.pointerId);
});
document.addEventListener("pointermove", (event) => {
  if (!drawn || !event.buttons) return;
  const step = document.elementFromPoint(event.clientX, event.clientY);
  const chosen = step?.closest(".scale__step");
  if (drawn.contains(chosen)) choose(chosen);
});
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => {
    drawn = null;
  });
}

let typed = { at: 0, steps: null };

document.addEventListener("keydown", (event) => {
  const steps = event.target.closest?.(".scale")?.querySelector(".scale__steps");
  if (!steps || !/^\d$/.test(event.key)) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const again = typed.steps === steps && event.timeStamp - typed.at < TEN;
  const score = again && event.key === "0" ? "10" : event.key;
  typed = { at: event.timeStamp, steps: event.key === "1" ? steps : null };
  event.preventDefault();
  const input = steps.querySelector(`input[value="${score}"]`);
  choose(input.closest(".scale__step"));
  input.focus();
});
