// Patient mode: goes back to the start by itself, and shows nothing from memory.

const { start, idle } = document.body.dataset;
const LAST = 10; // seconds in which the page says that it is about to close
const SETTLE = 400; // milliseconds after a page was shown in which a tap was meant for the one before

// Back may bring a page from the browser's memory: the server knows whose it was.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.replace(start);
});

const shown = performance.now();
document.addEventListener(
  "click",
  (event) => {
    if (performance.now() - shown > SETTLE || !event.isTrusted || !event.detail) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

if (idle) {
  const words = document.querySelector("[data-idle-words]");
  const seconds = words.querySelector("[data-idle-seconds]");
  let touched = Date.now();

  for (const sign of ["pointerdown", "keydown", "input", "scroll"]) {
    document.addEventListener(
      sign,
      () => {
        touched = Date.now();
        words.hidden = true;
      },
      { capture: true, passive: true },
    );
  }

  // By the clock, not by counting: a tablet that slept is idle too.
  setInterval(() => {
    const left = Math.ceil(Number(idle) - (Date.now() - touched) / 1000);
    if (left <= 0) location.replace(start);
    words.hidden = left > LAST;
    seconds.textContent = Math.max(left, 0);
  }, 500);
}
