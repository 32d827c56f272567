"""What the README promises about files, settings and sign-ins is there."""

import re
from pathlib import Path

from clinic.management.demo import SIGN_INS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

READ = re.compile(r"env\.\w+\(\s*\"([A-Z_]+)\"")
READ_BY_SHELL = re.compile(r"\$\{([A-Z_]+):-")
LISTED = re.compile(r"^\| (`.*?) \|", re.MULTILINE)


def links(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.findall(r"\]\(([^)#]+)[^)]*\)", text)


def test_every_link_leads_to_a_file():
    lost = [
        (page.name, link)
        for page in PAGES
        for link in links(page)
        if not link.startswith("https://") and not (page.parent / link).exists()
    ]

    assert lost == []


def test_every_setting_is_in_the_table():
    settings = (ROOT / "clinic" / "settings.py").read_text(encoding="utf-8")
    run = (ROOT / "run").read_text(encoding="utf-8")
    table = README.split("## Settings")[1].split("## ")[0]
    listed = {name for row in LISTED.findall(table) for name in row.strip("`").split()}

    assert {name.strip("`,") for name in listed} == {
        *READ.findall(settings),
        *READ_BY_SHELL.findall(run),
    }


def test_everybody_who_can_sign_in_is_named():
    for username, password, _ in SIGN_INS:
        assert f"`{username}`" in README
        assert f"`{password}`" in README
