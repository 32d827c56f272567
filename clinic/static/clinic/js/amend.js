// What an amendment corrects is filled in as it was signed, to be put right there.

const corrects = document.getElementById("id_corrects");
const after = document.getElementById("id_after");
let filled = "";

corrects?.addEventListener("change", () => {
  if (after.value.trim() !== filled.trim()) return;
  filled = corrects.selectedOptions[0].dataset.said;
  after.value = filled;
});
