// The body to tap on: a spot is a button that shows whether its side is on the list.
// What a tap does the server says, as for words that are typed.

const body = document.querySelector("[data-body]");
const list = document.querySelector("[data-needlings]");
const button = body.querySelector("[data-tap]");
const spots = [...body.querySelectorAll(".figure__spot")];

for (const figure of body.querySelectorAll("svg")) figure.setAttribute("role", "group");
for (const spot of spots) {
  spot.setAttribute("role", "button");
  spot.setAttribute("tabindex", "0");
  spot.setAttribute("aria-label", spot.querySelector("title").textContent);
}

function isOn({ code, side }) {
  const row = list.querySelector(`[data-code="${CSS.escape(code)}"]`);
  if (!row || row.querySelector(".needling__drop input").checked) return false;
  const chosen = row.querySelector('[name$="-side"]:is(:checked, [type="hidden"])')?.value;
  return chosen === side || chosen === "both";
}

function paint() {
  for (const spot of spots) {
    const on = isOn(spot.dataset);
    spot.setAttribute("aria-pressed", String(on));
    spot.querySelector(".figure__dot").classList.toggle("figure__dot--hollow", !on);
  }
}

function tap(spot) {
  button.value = `${spot.dataset.code} ${spot.dataset.side}`;
  button.click();
}

body.addEventListener("click", ({ target }) => {
  const spot = target.closest(".figure__spot");
  if (spot) tap(spot);
});
body.addEventListener("keydown", (event) => {
  const spot = event.target.closest(".figure__spot");
  if (!spot || (event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  tap(spot);
});
document.addEventListener("input", paint);
paint();
