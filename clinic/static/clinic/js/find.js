// Patient search: arrow keys walk from the field through the links found as one types.

for (const find of document.querySelectorAll("[data-find]")) {
  const input = find.querySelector("input[type=search]");
  const results = find.querySelector("[data-find-results]");
  const links = () => [...results.querySelectorAll("a[href]")];

  find.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && results.childElementCount) {
      event.preventDefault();
      results.replaceChildren();
      input.focus();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const stops = [input, ...links()];
    const at = stops.indexOf(document.activeElement);
    if (!step || at < 0 || stops.length < 2) return;
    event.preventDefault();
    stops[(at + step + stops.length) % stops.length].focus();
  });

  // What was found for a longer word must not stay under an empty field.
  input.addEventListener("input", () => {
    if (!input.value.trim()) results.replaceChildren();
  });
}
