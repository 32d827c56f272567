// The clocks of the beds: counted down here, by the server's time; a board looks for
// changes that other tablets made. Without script the page shows when each is due.

const SECOND = 1_000; // milliseconds
const EVERY = 5 * SECOND; // between two looks for changes
const AGAIN = 20 * SECOND; // between two sounds
// A page that looks for itself must not keep the session of somebody who has gone.
const UNATTENDED = { "X-Unattended": "1" };
const board = () => document.querySelector("[data-board]");

let ahead = 0; // the server's clock before this tablet's, in milliseconds
let asking = false;
let sounded = 0;

function setClock() {
  const { now } = document.querySelector("[data-now]").dataset;
  ahead = new Date(now) - Date.now();
}

function inWords(milliseconds) {
  const seconds = Math.floor(Math.abs(milliseconds) / SECOND);
  const rest = String(seconds % 60).padStart(2, "0");
  return `${milliseconds < 0 ? "+" : ""}${Math.floor(seconds / 60)}:${rest}`;
}

function tick() {
  const now = Date.now() + ahead;
  let isDue = false;
  for (const clock of document.querySelectorAll("[data-due]")) {
    const left = new Date(clock.dataset.due) - now;
    clock.querySelector("[data-left]").textContent = inWords(left);
    if (left <= 0 && !("over" in clock.dataset)) {
      clock.dataset.over = "";
      say(clock);
    }
    isDue ||= left <= 0;
  }
  if (isDue && wanted() && Date.now() - sounded > AGAIN) sound();
}

function say(clock) {
  const place = document.querySelector("[data-say]");
  const bed = clock.closest("[data-bed]")?.dataset.bed;
  const words = clock.querySelector(".clock__over")?.textContent.trim();
  if (place && words) place.textContent = `${bed}: ${words}`;
}

// Off until somebody switches it on, on this tablet.
const wanted = () => localStorage.getItem("sound") === "on";
let audio;

function sound() {
  sounded = Date.now();
  audio ??= new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0.2, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.8);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.8);
}

const button = document.querySelector('[data-switch="sound"]');
if (button) {
  const show = () => button.setAttribute("aria-checked", String(wanted()));
  show();
  button.hidden = false;
  button.addEventListener("click", () => {
    localStorage.setItem("sound", wanted() ? "off" : "on");
    show();
    if (wanted()) sound(); // so that one hears how it sounds, and the browser allows it
  });
}

// Put what has changed in the place of what is there; the focus stays on its button.
function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.querySelector("[data-board]");
  if (!fresh) return location.reload();
  const form = document.activeElement.closest?.("[data-board] form")?.action;
  board().replaceWith(fresh);
  const lede = page.querySelector(".page-head__lede");
  document.querySelector(".page-head__lede").textContent = lede.textContent;
  setClock();
  tick();
  if (form) {
    const same = [...board().querySelectorAll("form")].find((f) => f.action === form);
    same?.querySelector("button")?.focus({ preventScroll: true });
  }
}

async function look() {
  if (document.hidden || asking) return;
  asking = true;
  try {
    const options = { headers: UNATTENDED, redirect: "manual" };
    const reply = await fetch(board().dataset.changes, options);
    if (reply.type === "opaqueredirect") return location.reload(); // signed out
    if (reply.status !== 200) return;
    const page = await fetch(location.pathname, options);
    if (page.ok) show(await page.text());
  } catch {
    // Nobody is there just now; the next look may find them.
  } finally {
    asking = false;
  }
}

if (document.querySelector("[data-now]")) {
  setClock();
  tick();
  setInterval(tick, SECOND);
}
if (board()) {
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
}
