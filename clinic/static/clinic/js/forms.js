// Forms: a double click sends once, leaving with unsaved changes asks, what was typed
// outlives a lost connection and an ended session, errors get the focus. All delegated, so that fragments brought by htmx are covered too.

const sending = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sending.has(form)) {
    event.preventDefault();
    return;
  }
  hold(form, event.submitter);
  changed.delete(form);
});

function hold(form, button) {
  sending.add(form);
  button?.setAttribute("aria-busy", "true");
}

function free(form) {
  sending.delete(form);
  for (const button of form.querySelectorAll("[aria-busy]")) {
    button.removeAttribute("aria-busy");
  }
}

// Back from the browser's page cache the same form may be sent again.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach(free);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (form) free(form);
});

// data-guard on a form: its changes are worth a question before they are lost.
const changed = new Set();

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-guard]")) {
    changed.add(form);
    keepSession();
  }
  event.target.removeAttribute?.("data-copied");
});

// A form that saves itself says so.
document.addEventListener("kept", (event) => changed.delete(event.target));

addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});

// data-confirm="question" on a button or form: ask before it is sent.
document.addEventListener(
  "submit",
  (event) => {
    const asks = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
    if (!asks || vouched.has(event.target) || confirm(asks)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

// Before a guarded form leaves, the server is asked whether it is there and who is
// signed in. If that went wrong, the form stays as it is and says why.
const notSent = document.querySelector("[data-not-sent]");
const vouched = new WeakSet();
const PATIENCE = 8_000; // milliseconds
const BEAT = 5 * 60_000; // milliseconds, well within the life of a session
let heard = Date.now();

async function askServer() {
  try {
    const reply = await fetch(notSent.dataset.notSent, {
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (reply.type === "opaqueredirect") return { why: "ended" };
    if (!reply.ok) return { why: "unreachable" };
    heard = Date.now();
    const { user, token } = await reply.json();
    return user === Number(notSent.dataset.user) ? { token } : { why: "another" };
  } catch {
    return { why: "unreachable" };
  }
}

function tell(why) {
  for (const words of notSent.querySelectorAll("[data-why]")) {
    words.hidden = words.dataset.why !== why;
  }
  notSent.hidden = !why;
}

document.addEventListener(
  "submit",
  async (event) => {
    const { target: form, submitter } = event;
    if (!notSent || !form.matches("[data-guard]") || vouched.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (sending.has(form)) return;
    hold(form, submitter);
    const { why, token } = await askServer();
    free(form);
    tell(why);
    if (why) return;
    // Whoever signed in again in another tab has a new one.
    form.elements.csrfmiddlewaretoken.value = token;
    vouched.add(form);
    form.requestSubmit(submitter);
  },
  true,
);

// Typing is work: a session does not end in the middle of a long form.
function keepSession() {
  if (!notSent || Date.now() - heard < BEAT) return;
  heard = Date.now();
  askServer();
}

function showErrors(within) {
  within.querySelector?.("[data-error-summary]")?.focus();
}
showErrors(document);
document.addEventListener("htmx:afterSwap", (event) => showErrors(event.target));
