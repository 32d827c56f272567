// Forms: a double click sends once, leaving with unsaved changes asks, errors get the
// focus. All delegated, so that fragments brought by htmx are covered too.

const sending = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sending.has(form)) {
    event.preventDefault();
    return;
  }
  sending.add(form);
  changed.delete(form);
  event.submitter?.setAttribute("aria-busy", "true");
});

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
  if (form?.matches("[data-guard]")) changed.add(form);
  event.target.removeAttribute?.("data-copied");
});

addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});

// data-confirm="question" on a button or form: ask before it is sent.
document.addEventListener(
  "submit",
  (event) => {
    const asks = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
    if (!asks || confirm(asks)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

function showErrors(within) {
  within.querySelector?.("[data-error-summary]")?.focus();
}
showErrors(document);
document.addEventListener("htmx:afterSwap", (event) => showErrors(event.target));
