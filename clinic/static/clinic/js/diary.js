// The diary: the line of now, steps taken without leaving the page, changes by others.

const QUARTER = 15; // minutes
const THIRD = 5;
const MINUTE = 60_000; // milliseconds
const EVERY = 5_000; // milliseconds between two looks for changes
// A page that looks for itself must not keep the session of somebody who has gone.
const UNATTENDED = { "X-Unattended": "1" };

const root = document.documentElement;
const grid = () => document.querySelector("[data-diary]");
let drawn = Date.now();
let sending = false;

function read(line, prefix) {
  const name = [...line.classList].find((word) => word.startsWith(prefix));
  return Number(name.slice(prefix.length));
}

function place(line, prefix, value) {
  line.classList.remove(`${prefix}${read(line, prefix)}`);
  line.classList.add(`${prefix}${value}`);
}

// What the server drew is as old as the page: its minutes and the line of now go on.
function goOn() {
  const passed = Math.floor((Date.now() - drawn) / MINUTE);
  for (const line of document.querySelectorAll("[data-now]")) {
    line.dataset.now ||= read(line, "at-") * QUARTER + read(line, "third-") * THIRD;
    const minutes = Number(line.dataset.now) + passed;
    place(line, "at-", Math.floor(minutes / QUARTER));
    place(line, "third-", Math.floor((minutes % QUARTER) / THIRD));
  }
  for (const minutes of document.querySelectorAll("[data-minutes]")) {
    minutes.textContent = `${Number(minutes.dataset.minutes) + passed}′`;
  }
}

function scrollToNow() {
  const line = document.querySelector("[data-now]");
  const target = location.hash && document.querySelector(location.hash);
  if (!line || target) return;
  grid().scrollTop = Math.max(line.offsetTop - grid().clientHeight / 3, 0);
}

if (grid()) {
  scrollToNow();
  setInterval(goOn, MINUTE);
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
}

// Put what has changed in the place of what is there; focus and scroll stay.
function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const old = grid();
  if (!old || !page.querySelector("[data-diary]")) return location.reload();
  const { scrollTop, scrollLeft } = old;
  const focused = document.activeElement;
  const visit = focused.closest?.(".visit")?.id;
  const inGrid = old.contains(focused);
  for (const part of page.querySelectorAll("[data-live]")) {
    document.getElementById(part.id)?.replaceWith(part);
  }
  const lede = page.querySelector(".page-head__lede");
  document.querySelector(".page-head__lede").textContent = lede.textContent;
  drawn = Date.now();
  grid().scrollTo(scrollLeft, scrollTop);
  if (inGrid) {
    const same = visit && `#${visit} .${focused.classList[0]}, #${visit} .visit__name`;
    const again = same ? document.querySelector(same) : null;
    (again ?? grid()).focus({ preventScroll: true });
  }
  const said = page.getElementById("messages");
  if (said.childElementCount) {
    for (const button of said.querySelectorAll("[data-dismiss]")) button.hidden = false;
    document.getElementById("messages").replaceChildren(...said.childNodes);
  }
}

async function look() {
  if (document.hidden || sending || root.dataset.moving) return;
  const asked = document.getElementById("diary").dataset.changes;
  try {
    const options = { headers: UNATTENDED, redirect: "manual" };
    const reply = await fetch(asked, options);
    if (reply.type === "opaqueredirect") return location.reload(); // signed out
    if (reply.status !== 200) return;
    const page = await fetch(location.href, options);
    if (!page.ok || sending || root.dataset.moving) return;
    show(await page.text());
  } catch {
    // Nobody is there just now; the next look may find them.
  }
}

// A step or a move is sent beside the page, which answers with itself.
document.addEventListener(
  "submit",
  async (event) => {
    const { target: form, submitter } = event;
    if (!form.matches("#diary, [data-move-form]")) return;
    event.preventDefault();
    if (sending) return;
    sending = true;
    document.getElementById("messages").replaceChildren();
    const body = new URLSearchParams(new FormData(form));
    if (submitter?.name) body.append(submitter.name, submitter.value);
    const address = submitter?.getAttribute("formaction") ?? form.action;
    try {
      const reply = await fetch(address, { method: "POST", body });
      const here = new URL(reply.url).pathname === location.pathname;
      if (reply.ok && here) show(await reply.text());
      else location.assign(reply.redirected ? reply.url : location.href);
    } catch {
      const unsent = document.querySelector("[data-not-sent]");
      for (const words of unsent.querySelectorAll("[data-why]")) {
        words.hidden = words.dataset.why !== "unreachable";
      }
      unsent.hidden = false;
    } finally {
      sending = false;
    }
  },
  true,
);

// Keys of the visit that has the focus.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (root.dataset.keys === "off" || root.dataset.moving) return;
  const visit = event.target.closest?.(".visit");
  if (!visit) return;
  if (event.key === "a") visit.querySelector(".visit__next")?.click();
  if (visit.matches(".visit--held")) return; // only kept, no visit
  if (event.key === "c" && document.querySelector("[data-move-form]")) {
    const address = new URL(location.href);
    for (const name of ["light", "move"]) address.searchParams.delete(name);
    address.searchParams.set("copy", visit.id.slice(1));
    address.hash = "";
    location.assign(address);
  }
});
