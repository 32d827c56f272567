// The session form. Everything works without.

document.documentElement.classList.add("scripted");

// A link from the list of mistakes opens the fold that hides its field.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-error-summary] a");
  const field = link && document.getElementById(link.hash.slice(1));
  for (let fold = field?.closest("details"); fold; ) {
    fold.open = true;
    fold = fold.parentElement.closest("details");
  }
});
