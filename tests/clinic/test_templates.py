"""What the content security policy and the house rules ask of every template."""

import re
from pathlib import Path

import pytest
from django.conf import settings
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


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_compiles(name):
    get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_keeps_to_the_policy(name):
    text = (FOLDER / name).read_text()

    found = [what for what, sign in FORBIDDEN.items() if re.search(sign, text)]

    assert found == []


@pytest.mark.parametrize("name", [name for name in TEMPLATES if "/_" in name])
def test_a_fragment_says_what_it_needs(name):
    assert "{#" in "".join((FOLDER / name).read_text().splitlines(keepends=True)[:3])
