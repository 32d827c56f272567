// A draft saves itself: a moment after the typing stops, on leaving a field, and when
// the tablet is laid aside. What could not be saved stays on the page and is tried
// again; this device keeps no copy. Nothing is called saved before the server says so.

const PAUSE = 1_000; // milliseconds without a key
const AFTER_A_FIELD = 200; // milliseconds
const LONGEST_WAIT = 5_000; // milliseconds, for somebody who never stops
const PATIENCE = 10_000; // milliseconds
const AGAIN = [1_000, 2_000, 4_000]; // milliseconds between tries; then the last

const form = document.querySelector("[data-draft]");
const saved = document.querySelector("[data-saved]");
const both = form.querySelector("[data-differences]");

let typed = 0; // changes so far
let kept = 0; // of these, as many as the server has
let turn = 0;
let failed = 0; // tries in a row
let since = 0; // when the oldest unsaved change was made
let timer = 0;
let underWay = false;
let leaving = false;
let stopped = Boolean(both.children.length);

// Each sending says which one of this page it is, a press on Sign as well.
form.addEventListener("formdata", (event) => event.formData.set("turn", (turn += 1)));

form.addEventListener("input", ({ target }) => {
  if (both.contains(target)) return;
  if (typed === kept) since = Date.now();
  typed += 1;
  if (!stopped && !failed) tell("typing");
  const patience = since + LONGEST_WAIT - Date.now();
  saveIn(Math.max(0, Math.min(PAUSE, patience)));
});
form.addEventListener("change", () => saveIn(AFTER_A_FIELD));
// Once it is really sent, a save behind it would only overtake it.
form.addEventListener("submit", () => {
  leaving = true;
});
addEventListener("pageshow", () => {
  leaving = false;
});
addEventListener("online", () => saveIn(0));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") save({ keepalive: true });
});

function saveIn(wait) {
  clearTimeout(timer);
  timer = setTimeout(save, wait);
}

function tell(why) {
  for (const words of document.querySelectorAll("[data-kept]")) {
    words.hidden = words.dataset.kept !== why;
  }
  saved.hidden = Boolean(why);
}

async function save(how = {}) {
  if (typed === kept || underWay || stopped || leaving) return;
  underWay = true;
  clearTimeout(timer);
  const sent = typed;
  try {
    await answered(await send(how), sent);
  } catch {
    later("unreachable");
  }
  underWay = false;
  if (typed !== kept && !failed) saveIn(PAUSE);
}

function send(how) {
  const body = new FormData(form);
  // Whoever signed in again in another tab has a new token.
  const [, token] = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) ?? [];
  if (token) body.set("csrfmiddlewaretoken", token);
  return fetch(form.dataset.draft, {
    method: "POST",
    body,
    headers: { "X-Unattended": "1" },
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE),
    ...how,
  });
}

async function answered(reply, sent) {
  if (reply.type === "opaqueredirect" || reply.status === 403) return later("ended");
  if (reply.status >= 500) return later("unreachable");
  if (reply.status === 409) return showBoth(await reply.text());
  if (reply.status === 404) return refused("refused", sent);
  const { why, revision, saved: words } = await reply.json();
  if (!reply.ok) return refused(why, sent);
  failed = 0;
  kept = sent;
  form.elements.revision.value = revision;
  saved.textContent = words;
  tell(typed === kept ? why : "typing");
  if (typed === kept) form.dispatchEvent(new Event("kept", { bubbles: true }));
}

function later(why) {
  tell(why);
  saveIn(AGAIN[Math.min(failed, AGAIN.length - 1)]);
  failed += 1;
}

// Tried again as soon as something else is typed.
function refused(why, sent) {
  tell(why);
  failed = 0;
  kept = sent;
}

// Nothing is saved over another's text before somebody has chosen.
function showBoth(fragment) {
  stopped = true;
  both.innerHTML = fragment;
  form.elements.revision.value = both.querySelector("[data-both]").dataset.revision;
  tell("both");
  both.focus();
}

if (stopped) tell("both");
