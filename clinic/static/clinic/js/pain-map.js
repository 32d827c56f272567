// The pain map: pressing a place on a figure toggles its box in the list, and every
// figure that shows the place follows the box. The list works without this.

const maps = document.querySelectorAll("[data-pain-map]");

function bind(map) {
  const boxes = new Map(
    [...map.querySelectorAll("input[type=checkbox]")].map((box) => [box.value, box]),
  );
  const places = [...map.querySelectorAll(".figure__region")];
  const placesOf = (id) => places.filter((place) => place.dataset.region === id);

  function show(id) {
    const marked = boxes.get(id).checked;
    for (const place of placesOf(id)) place.classList.toggle("is-marked", marked);
  }

  function light(id, on) {
    boxes.get(id)?.closest("td").classList.toggle("is-lit", on);
    for (const place of placesOf(id)) place.classList.toggle("is-lit", on);
  }

  const idAt = (target) =>
    target.closest(".figure__region")?.dataset.region ??
    target.closest("td")?.querySelector("input")?.value;

  for (const id of boxes.keys()) show(id);
  map.classList.add("pain-map--live");
  map.addEventListener("change", ({ target }) => {
    if (boxes.has(target.value)) show(target.value);
  });
  map.addEventListener("click", ({ target }) => {
    const place = target.closest(".figure__region");
    if (place) boxes.get(place.dataset.region)?.click();
  });
  for (const [name, on] of [["pointerover", true], ["pointerout", false]]) {
    map.addEventListener(name, ({ target }) => {
      const id = idAt(target);
      if (id) light(id, on);
    });
  }
}

maps.forEach(bind);
