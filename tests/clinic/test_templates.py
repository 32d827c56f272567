"""What the content security policy and the house rules ask of every template."""

import re
from pathlib import Path

from django.conf import settings
from django.template import TemplateSyntaxError
from django.template.loader import get_template

FOLDER = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))
FORBIDDEN = {
    "an inline style": r"\sstyle\s*=|<style\b",
    "an inline handler": r"\son[a-z]+\s*=|\shx-on",
    "an inline script": r"<script(?![^>]*\ssrc=)",
    "a script from a string": r"javascript:",
    "content of another host": r"\s(?:src|action|hx-\w+)\s*=\s*[\"'](?:https?:)?//",
    "unescaped text": r"\|\s*safe\b|autoescape\s+off",
}


def test_every_template_compiles():
    broken = {}
    for name in TEMPLATES:
        try:
            get_template(name)
        except TemplateSyntaxError as error:
            broken[name] = str(error)

    assert broken == {}


def test_every_template_keeps_to_the_policy():
    found = [
        f"{name} has {what}"
        for name in TEMPLATES
        for what, sign in FORBIDDEN.items()
        if re.search(sign, (FOLDER / name).read_text())
    ]

    assert found == []


def test_a_fragment_says_what_it_needs():
    silent = [
        name
        for name in TEMPLATES
        if "/_" in name
        and "{#" not in "".join((FOLDER / name).read_text().splitlines()[:3])
    ]

    assert silent == []
