// A visit moved or made longer: dragged, or by keys. Both end in the hidden form that
// diary.js sends; whether there is room is for the server to say.

const QUARTER = 15; // minutes
const NEAR = 5; // pixels a mouse may tremble
const HOLD = 350; // milliseconds that a finger rests before it drags
const EDGE = 48; // pixels from the edge where dragging scrolls

const root = document.documentElement;
const form = document.querySelector("[data-move-form]");
const region = document.querySelector("[data-say]");
const grid = () => document.querySelector("[data-diary]");
const columns = () => [...document.querySelectorAll(".diary__column")];
const isDrawn = () => getComputedStyle(document.querySelector(".diary__axis")).display !== "none";

let move = null;

function clock(minute) {
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
}

function say(name, values = {}) {
  region.textContent = Object.entries(values).reduce(
    (words, [key, value]) => words.replace(`%(${key})s`, value),
    region.dataset[name],
  );
}

function row(element) {
  const name = [...element.classList].find((word) => word.startsWith("at-"));
  return Number(name.slice(3));
}

function begin(visit, { part = "all" } = {}) {
  const [revision, needling, stay, practitioner] = visit.dataset.held.split(" ").map(Number);
  const column = visit.closest(".diary__column");
  const ghost = document.createElement("div");
  const [band, name, time] = ["div", "span", "span"].map((tag) => document.createElement(tag));
  name.className = "ghost__name";
  name.textContent = visit.querySelector(".visit__name").textContent;
  time.className = "ghost__time";
  band.append(name, time);
  ghost.append(band);
  const now = { column, row: row(visit), needling, stay };
  move = { ...now, visit, ghost, part, revision, practitioner, from: now, free: null };
  move.isFixed = "fixed" in visit.dataset;
  root.dataset.moving = part;
  visit.classList.add("visit--leaving");
  show();
  if (part === "all") lightUp(visit);
}

function end() {
  if (!move) return;
  move.visit.classList.remove("visit--leaving");
  move.ghost.remove();
  for (const hint of document.querySelectorAll(".free--hint")) hint.remove();
  delete root.dataset.moving;
  move = null;
}

function minuteOf(row) {
  return Number(grid().dataset.first) + (row - 1) * QUARTER;
}

function rowsOf(minutes) {
  return Math.ceil(minutes / QUARTER);
}

function show() {
  const { ghost, column, needling, stay } = move;
  const last = Number(grid().dataset.rows) - rowsOf(stay) + 1;
  move.row = Math.max(Math.min(move.row, last), 1);
  const starts = minuteOf(move.row);
  const body = column.querySelector(".diary__body");
  if (ghost.parentElement !== body) body.append(ghost);
  const sameLength = needling === move.from.needling && stay === move.from.stay;
  const isFree = move.free?.get(column)?.has(move.row);
  const known = move.free && sameLength ? (isFree ? "ghost--free" : "ghost--taken") : "";
  ghost.className = `ghost at-${move.row} for-${rowsOf(stay)} ${known}`;
  ghost.firstChild.className = `ghost__needling for-${rowsOf(needling)}`;
  ghost.querySelector(".ghost__time").textContent = `${clock(starts)}–${clock(starts + stay)}`;
}

function tell() {
  say(move.ghost.classList.contains("ghost--taken") ? "taken" : "at", {
    time: clock(minuteOf(move.row)),
    column: move.column.querySelector("h2").textContent,
    needling: move.needling,
    stay: move.stay,
  });
}

// The places where the visit fits, from the page that lights them up.
async function lightUp(visit) {
  const address = new URL(location.href);
  for (const name of ["light", "copy"]) address.searchParams.delete(name);
  address.searchParams.set("move", visit.id.slice(1));
  let page;
  try {
    page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
  } catch {
    return; // only a help
  }
  if (move?.visit !== visit) return;
  move.free = new Map();
  for (const column of columns()) {
    const key = column.getAttribute("aria-labelledby");
    const lit = page.querySelector(`[aria-labelledby="${key}"] .free--lit`);
    if (!lit) continue;
    move.free.set(column, new Set([...lit.querySelectorAll("a")].map(row)));
    lit.classList.add("free--hint");
    lit.setAttribute("aria-hidden", "true");
    for (const link of lit.querySelectorAll("a")) link.tabIndex = -1;
    column.querySelector(".diary__body").append(lit);
  }
  show();
}

function send() {
  const { visit, column, from, needling, stay, row } = move;
  const still = column === from.column && row === from.row;
  if (still && needling === from.needling && stay === from.stay) return leave();
  const place = new URLSearchParams(column.dataset.place);
  const values = {
    day: column.dataset.day,
    time: clock(minuteOf(row)),
    practitioner: place.get("practitioner") ?? move.practitioner,
    bed: place.get("bed") ?? "",
    needling,
    stay,
    revision: move.revision,
  };
  for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  form.action = `${visit.querySelector(".visit__name").getAttribute("href")}move/`;
  say("sent");
  end();
  form.requestSubmit();
}

function leave() {
  end();
  say("left");
}

// Lengths keep to the quarter; the bed is needed as long as the needling.
function lengthen(part, by) {
  if (part === "needling") {
    move.needling = Math.max(move.needling + by, QUARTER);
    move.stay = Math.max(move.stay, move.needling);
  } else {
    move.stay = Math.max(move.stay + by, move.needling);
  }
}

// Keys

const STEPS = { ArrowUp: -1, ArrowDown: 1 };
const SIDES = { ArrowLeft: -1, ArrowRight: 1 };

function key(event) {
  const { key, shiftKey } = event;
  const all = columns();
  if (key === "Escape") return leave();
  if (key === "Enter") return send();
  if (key in STEPS && shiftKey) lengthen("stay", STEPS[key] * QUARTER);
  else if (key === "+" || key === "-") lengthen("needling", key === "+" ? QUARTER : -QUARTER);
  else if (key in STEPS && !move.isFixed) move.row += STEPS[key];
  else if (key in SIDES && !move.isFixed) {
    move.column = all[all.indexOf(move.column) + SIDES[key]] ?? move.column;
  } else return;
  show();
  tell();
  move.ghost.scrollIntoView({ block: "nearest", inline: "nearest" });
}

document.addEventListener(
  "keydown",
  (event) => {
    if (move) {
      if (event.key === "Tab") return leave();
      event.preventDefault();
      event.stopImmediatePropagation();
      key(event);
      return;
    }
    if (event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!form || root.dataset.keys === "off" || !isDrawn()) return;
    const visit = event.target.closest?.("[data-held]");
    if (!visit) return;
    event.preventDefault();
    begin(visit);
    const name = visit.querySelector(".visit__name").textContent;
    say(move.isFixed ? "fixed" : "begin", { name });
  },
  true,
);

// Pointer

let press = null;

// A visit shows its two edges once somebody points at it.
function grips(visit) {
  if (visit.querySelector(".grip")) return;
  const needling = document.createElement("span");
  const stay = document.createElement("span");
  needling.className = "grip grip--needling";
  stay.className = "grip grip--stay";
  visit.querySelector(".visit__needling").append(needling);
  visit.append(stay);
}

document.addEventListener("pointerover", (event) => {
  const visit = event.target.closest?.("[data-held]");
  if (form && visit && isDrawn()) grips(visit);
});

document.addEventListener("pointerdown", (event) => {
  if (move) return leave();
  const visit = event.target.closest?.("[data-held]");
  if (!form || !visit || event.button || !isDrawn()) return;
  if (event.target.closest("button")) return;
  grips(visit);
  const grip = event.target.closest(".grip");
  const part = grip ? (grip.matches(".grip--stay") ? "stay" : "needling") : "all";
  if (part === "all" && "fixed" in visit.dataset) return;
  const top = visit.getBoundingClientRect().top;
  const { clientX: x, clientY: y, pointerId: id } = event;
  press = { visit, part, x, y, id, below: y - top };
  if (part !== "all") start();
  else if (event.pointerType !== "mouse") press.timer = setTimeout(start, HOLD);
});

function start() {
  clearTimeout(press.timer);
  press.timer = null;
  press.started = true;
  root.setPointerCapture(press.id); // its end is heard outside the window too
  begin(press.visit, { part: press.part });
}

function drop() {
  clearTimeout(press?.timer);
  press = null;
}

document.addEventListener("pointermove", (event) => {
  if (!press || event.pointerId !== press.id) return;
  if (press.started && !move) return; // left by Escape
  const far = Math.hypot(event.clientX - press.x, event.clientY - press.y);
  if (!press.started) {
    if (press.timer) {
      if (far > 2 * NEAR) drop(); // a finger that scrolls
      return;
    }
    if (far < NEAR) return;
    start();
  }
  follow(event);
});

function follow({ clientX, clientY }) {
  const area = grid().getBoundingClientRect();
  if (clientY > area.bottom - EDGE) grid().scrollTop += EDGE / 4;
  if (clientY < area.top + 2 * EDGE) grid().scrollTop -= EDGE / 4;
  const body = move.column.querySelector(".diary__body").getBoundingClientRect();
  const height = body.height / Number(grid().dataset.rows);
  if (press.part === "all") {
    move.column =
      columns().find((column) => {
        const { left, right } = column.getBoundingClientRect();
        return clientX >= left && clientX < right;
      }) ?? move.column;
    move.row = Math.round((clientY - press.below - body.top) / height) + 1;
  } else {
    const rows = Math.round((clientY - body.top) / height) - (move.row - 1);
    lengthen(press.part, rows * QUARTER - move[press.part]);
  }
  show();
}

document.addEventListener("pointerup", () => {
  const started = press?.started;
  drop();
  if (!started) return;
  // The click that follows is the end of the drag, not a wish to open the visit.
  const swallow = (event) => event.preventDefault();
  document.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", swallow, true));
  if (move) send();
});

document.addEventListener("pointercancel", () => {
  if (press?.started && move) leave();
  drop();
});

// A finger that drags must not scroll, a link must not be dragged as a link.
document.addEventListener(
  "touchmove",
  (event) => {
    if (press?.started) event.preventDefault();
  },
  { passive: false },
);
document.addEventListener("dragstart", (event) => {
  if (event.target.closest?.("[data-held]")) event.preventDefault();
});
document.addEventListener("contextmenu", (event) => {
  if (press?.started) event.preventDefault();
});
