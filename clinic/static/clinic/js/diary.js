// The diary: scroll to where the day is, and keep the line of now in its place.

const diary = document.querySelector("[data-diary]");
const lines = diary ? [...diary.querySelectorAll("[data-now]")] : [];
const QUARTER = 15; // minutes
const THIRD = 5;

function read(line, prefix) {
  const name = [...line.classList].find((word) => word.startsWith(prefix));
  return Number(name.slice(prefix.length));
}

function place(line, prefix, value) {
  line.classList.remove(`${prefix}${read(line, prefix)}`);
  line.classList.add(`${prefix}${value}`);
}

if (lines.length) {
  const loaded = Date.now();
  const first = read(lines[0], "at-") * QUARTER + read(lines[0], "third-") * THIRD;
  const target = location.hash && document.querySelector(location.hash);
  if (!target) {
    const third = diary.clientHeight / 3;
    diary.scrollTop = Math.max(lines[0].offsetTop - third, 0);
  }
  setInterval(() => {
    const minutes = first + Math.floor((Date.now() - loaded) / 60_000);
    for (const line of lines) {
      place(line, "at-", Math.floor(minutes / QUARTER));
      place(line, "third-", Math.floor((minutes % QUARTER) / THIRD));
    }
  }, 60_000);
}
