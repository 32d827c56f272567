"""The Chinese catalogue: taken from the code with gettext, compiled without it.

`python -m tests.messages` brings locale/ into line with the code: what is new comes in
empty, to be translated; what is gone goes; then the .mo is written. It needs Debian's
gettext. A machine that only runs the app needs none: the .mo is in the tree.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import polib

ROOT = Path(__file__).parent.parent
SOURCES = ("clinic", "patients", "plans", "templates")
LOCALE = "zh_Hans"
MAKE_MESSAGES = "-m django makemessages --no-location --verbosity 0".split()
PO = ROOT / "locale" / LOCALE / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")

# The same on every machine and every day, so that a change shows only what changed.
HEADER = {
    "Project-Id-Version": "Acuplan",
    "Language": LOCALE,
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


def key(entry: polib.POEntry) -> tuple[str, str, str]:
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""


def texts_of(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def taken_from_code() -> polib.POFile:
    """Every text of code and templates; works on a copy, leaves the tree alone."""
    with TemporaryDirectory() as folder:
        for source in SOURCES:
            shutil.copytree(
                ROOT / source,
                Path(folder, source),
                ignore=shutil.ignore_patterns("__pycache__", "static", "*.csv"),
            )
        Path(folder, "locale").mkdir()
        without_settings = {
            name: value
            for name, value in os.environ.items()
            if name != "DJANGO_SETTINGS_MODULE"
        }
        subprocess.run(
            [sys.executable, *MAKE_MESSAGES, "--locale", LOCALE],
            cwd=folder,
            env=without_settings,
            check=True,
        )
        return polib.pofile(str(Path(folder, PO.relative_to(ROOT))))


def bring_into_line() -> polib.POFile:
    known = {key(entry): entry for entry in polib.pofile(str(PO))}
    catalogue = polib.POFile(wrapwidth=78)
    catalogue.metadata = HEADER
    for entry in taken_from_code():
        if before := known.get(key(entry)):
            entry.msgstr, entry.msgstr_plural = before.msgstr, before.msgstr_plural
        catalogue.append(entry)
    catalogue.save(str(PO))
    catalogue.save_as_mofile(str(MO))
    return catalogue


if __name__ == "__main__":
    for entry in bring_into_line().untranslated_entries():
        print("To translate:", entry.msgid)
