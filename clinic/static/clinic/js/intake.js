// The intake: questions that do not arise step back, open ones are counted, and a
// letter answers. The server asks and judges all of it again.

const form = document.getElementById("intake-form");
const record = JSON.parse(form.dataset.facts);

// ------------------------------------------------ questions that do not arise

// Three verdicts, as the server has them: true, false, or null while not known.
const HOLDS = {
  is: (known, [wanted]) => known === wanted,
  "is not": (known, [wanted]) => known !== wanted,
  ">=": (known, [wanted]) => known >= wanted,
  "<=": (known, [wanted]) => known <= wanted,
  ">": (known, [wanted]) => known > wanted,
  "<": (known, [wanted]) => known < wanted,
  has: (known, [wanted]) => known.includes(wanted),
  "has any": (known, wanted) => wanted.some((one) => known.includes(one)),
  "has all": (known, wanted) => wanted.every((one) => known.includes(one)),
};

function known(fact, op) {
  if (fact in record) return record[fact];
  const controls = [...form.elements].filter((control) => control.name === fact);
  if (!controls.length) return null;
  if (op.startsWith("has")) {
    const marked = controls.filter((box) => box.checked).map((box) => box.value);
    return marked.length ? marked : null;
  }
  const value = new FormData(form).get(fact);
  if (!value || value === "unknown") return null;
  return op.startsWith("is") ? value : Number(value);
}

function judge([kind, ...rest]) {
  if (kind === "test") {
    const [fact, op, wanted] = rest;
    const value = known(fact, op);
    return value === null ? null : HOLDS[op](value, wanted);
  }
  const said = rest.map(judge);
  if (kind === "not") return said[0] === null ? null : !said[0];
  const decisive = kind === "any";
  if (said.includes(decisive)) return decisive;
  return said.includes(null) ? null : !decisive;
}

const conditional = [...form.querySelectorAll("[data-asked-when]")].map((asked) => [
  asked,
  JSON.parse(asked.dataset.askedWhen),
]);

function stepBack() {
  for (const [asked, when] of conditional) {
    asked.hidden = judge(when) === false && !asked.querySelector(".field--error");
  }
}

// ------------------------------------------------ what is still open

const screened = form.querySelector(".part--screened");

function waiting() {
  const open = [...screened.querySelectorAll("[role=radiogroup]")].filter(
    (group) =>
      !group.closest("[hidden]") &&
      !group.querySelector("[value=yes]:checked, [value=no]:checked"),
  );
  for (const place of document.querySelectorAll("[data-waiting]")) {
    place.hidden = !open.length;
    place.querySelector("[data-waiting-number]").textContent = open.length;
  }
  form.querySelector("[data-settled]").hidden = open.length > 0;
  return open;
}

const firstOf = (group) =>
  group.querySelector("input:checked") ?? group.querySelector("input");

form.querySelector("[data-next-waiting]").addEventListener("click", (event) => {
  const [next] = waiting();
  if (!next) return;
  event.preventDefault();
  next.scrollIntoView({ block: "center" });
  firstOf(next).focus({ preventScroll: true });
});

// ------------------------------------------------ answering

// "None of these" and the others rule each other out.
function ruleOut(box) {
  if (box.type !== "checkbox" || !box.checked) return;
  for (const other of form.elements[box.name]) {
    if (other !== box && (box.value === "none" || other.value === "none")) {
      other.checked = false;
    }
  }
}

// In a question, Y, N and U answer it and go on to the next, one question at a time.
const LETTERS = { y: "yes", n: "no", u: "unknown" };

form.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (document.documentElement.dataset.keys === "off") return;
  const group = event.target.closest(".field--tristate");
  const answer = LETTERS[event.key.toLowerCase()];
  if (!group || !answer) return;
  event.preventDefault();
  group.querySelector(`[value=${answer}]`).click();
  const groups = [...form.querySelectorAll(".field--tristate")].filter(
    (one) => !one.closest("[hidden]"),
  );
  const next = groups[groups.indexOf(group) + 1];
  if (next && next.closest(".part") === group.closest(".part")) firstOf(next).focus();
});

form.addEventListener("change", ({ target }) => {
  ruleOut(target);
  stepBack();
  waiting();
});

stepBack();
waiting();

// ------------------------------------------------ where one is

const links = new Map(
  [...document.querySelectorAll(".sections__link")].map((link) => [
    link.hash.slice(1),
    link,
  ]),
);
const inSight = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(target.id)?.setAttribute("aria-current", "true");
    }
  },
  { rootMargin: "-30% 0px -65% 0px" },
);
for (const part of form.querySelectorAll(".part")) inSight.observe(part);
