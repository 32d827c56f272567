// Figure and list light each other up: hover or focus one, see the other.

function lines(code) {
  return document.querySelectorAll(`#point-${CSS.escape(code)}`);
}

function spots(code) {
  return document.querySelectorAll(`.figure [data-code="${CSS.escape(code)}"]`);
}

function light(code, on) {
  for (const line of lines(code)) line.toggleAttribute("data-lit", on);
  for (const spot of spots(code)) spot.classList.toggle("is-chosen", on);
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
    if (code) light(code, on);
  });
}
