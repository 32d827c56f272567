"""Every text is there in Chinese, and nothing is shown that cannot be translated."""

import ast
import os
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path

import polib
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import reverse
from django.utils import translation

from clinic.access.roles import Role
from tests.factories import make_user, sign_in
from tests.messages import MO, PO, ROOT, SOURCES, key, taken_from_code, texts_of

CATALOGUE = polib.pofile(str(PO))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|<[^>]+>|%%")
FORMS = {"date format", "part of a whole"}  # contexts of texts without words
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# Written alike in both languages.
LATIN = re.compile(
    r"""
    [A-Z]{1,2}\d+|\d+mm|\b(?:mm|min|NRS|RMDQ|ODI|STRICTA|Ashi|Acuplan|PMC\d+|Wilson|bl\d+|gb\d+)\b
    |Haugen\ 2011|Garwood\ 1936|HC3|Tab
    |Tu\ 2024|JAMA\ Intern\ Med|Ostelo\ 2008|chengshan|\b[LRTNPBt]\b
    """,
    re.VERBOSE,
)


def named(entry: polib.POEntry) -> str:
    return entry.msgid[:50]


def test_every_text_of_code_and_templates_is_in_the_catalogue():
    if shutil.which("xgettext") is None:
        if os.environ.get("CI"):
            pytest.fail("No gettext: texts have to be looked for in CI.")
        pytest.skip("Install Debian's gettext to look for texts.")

    found = {key(entry) for entry in taken_from_code()}
    known = {key(entry) for entry in CATALOGUE}

    assert found - known == set(), "new: run python -m tests.messages, then translate"
    assert known - found == set(), "gone: run python -m tests.messages"


def test_nothing_is_left_to_translate():
    assert [named(entry) for entry in CATALOGUE.untranslated_entries()] == []
    assert [named(entry) for entry in CATALOGUE.fuzzy_entries()] == []
    assert [named(entry) for entry in CATALOGUE.obsolete_entries()] == []


def test_chinese_has_one_plural_form_and_every_plural_has_it():
    assert CATALOGUE.metadata["Plural-Forms"] == "nplurals=1; plural=0;"
    for entry in CATALOGUE:
        assert set(entry.msgstr_plural) == ({0} if entry.msgid_plural else set())


def fills_in_the_same(entry: polib.POEntry, text: str) -> bool:
    """The plural has all that is filled in: a singular may say "one" for its number."""
    meant = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
    # "30 per cent" is "30 %" in Chinese, doubled where the text is a format.
    if set(PLACEHOLDER.findall(text)) - {"%%"} != meant - {"%%"}:
        return False
    is_format = "python-format" in entry.flags
    return not is_format or not re.search(r"%(?!\()", text.replace("%%", ""))


def is_chinese(entry: polib.POEntry, text: str) -> bool:
    """Chinese words and Chinese punctuation, but for what is written alike in both."""
    words = PLACEHOLDER.sub("", text)
    wanted = re.search("[A-Za-z]{2,}", LATIN.sub("", PLACEHOLDER.sub("", entry.msgid)))
    return (
        not re.search("[A-Za-z]{2,}", LATIN.sub("", words))
        and not (wanted and not re.search("[\u4e00-\u9fff]", words))
        and not re.search("[\u4e00-\u9fff] ?[,;:?!.()](?!\\d)", text)
    )


@pytest.mark.parametrize("holds", [fills_in_the_same, is_chinese])
def test_every_translation(holds):
    strays = [
        (entry.msgid, text)
        for entry in CATALOGUE
        for text in texts_of(entry)
        if text and entry.msgctxt not in FORMS and not holds(entry, text)
    ]

    assert strays == []


def test_what_is_read_at_run_time_is_what_was_written():
    assert MO.read_bytes() == CATALOGUE.to_binary(), "run python -m tests.messages"


def test_the_catalogue_is_spoken():
    with translation.override("zh-hans"):
        assert translation.gettext("Patients") == "患者"
        assert translation.ngettext("%(n)s minute", "%(n)s minutes", 2)
        assert translation.pgettext("step of a course", "Plan") == "方案"


# ------------------------------------------------------------ nothing left unmarked

TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
# What stands between these is translated, unseen, or a name of the frame's.
SET_ASIDE = re.compile(
    r"{%\s*blocktranslate.*?{%\s*endblocktranslate\s*%}"
    r"|{%\s*comment.*?{%\s*endcomment\s*%}"
    r"|{% block (?:width|density) %}\w+{% endblock %}",
    re.DOTALL,
)
# Arguments of our components that are shown as they are.
SHOWN_ARGUMENT = re.compile(
    r"""\b(?:title|lede|label|more|term|detail)="([^"]*)"(?!\))"""
)
SHOWN_ATTRIBUTES = {"alt", "title", "aria-label", "placeholder", "label"}
SAME_IN_BOTH = {"English", "Acuplan", "mm", "NRS", "STRICTA", "doi"}


class Shown(HTMLParser):
    """The words that a page shows but for works cited, Django's tags taken out."""

    def __init__(self):
        super().__init__()
        self.words: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "style", "cite"}:
            self.inside.append(tag)
        for name, value in attrs:
            if name in SHOWN_ATTRIBUTES:
                self.words += words_in(value or "")

    def handle_endtag(self, tag):
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside:
            self.words += words_in(data)


def words_in(text: str) -> list[str]:
    return [
        word for word in re.findall("[A-Za-z]{2,}", text) if word not in SAME_IN_BOTH
    ]


def bare_words(template: Path) -> list[str]:
    source = SET_ASIDE.sub("", template.read_text(encoding="utf-8"))
    page = Shown()
    page.feed(TAG.sub("", source))
    tags = " ".join(re.findall(r"{%.*?%}", source, re.DOTALL))
    arguments = [words_in(value) for value in SHOWN_ARGUMENT.findall(tags)]
    return [*page.words, *chain.from_iterable(arguments)]


def test_no_template_shows_bare_words():
    bare = {str(path.relative_to(ROOT)): bare_words(path) for path in TEMPLATES}

    assert {path: words for path, words in bare.items() if words} == {}


PAGES = """
    / /patients/ /patients/new/ /schedule/ /schedule/hours/ /schedule/closures/new/
    /schedule/beds/new/ /schedule/new/ /outcomes/ /audit/ /account/staff/
    /account/staff/new/ /account/preferences/ /account/password/ /account/again/
    /messages/ /messages/sent/ /calendar/ /account/sign-out/ /account/closed/
    /account/two-factor/ /not/there/
""".split()


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_chinese_throughout(client, settings, address):
    """The sign-in package's words and Django's own too."""
    settings.CLINIC_NAME = "示例诊所"
    sign_in(client, *Role, language="zh-hans", name="示例美玲", username="mei")

    shown = words_on(client.get(address))

    assert shown - {"mei"} == set()


@pytest.mark.django_db
def test_so_are_the_steps_of_signing_in(client, settings):
    settings.CLINIC_NAME = "示例诊所"
    user = make_user(Role.FRONT_DESK, language="zh-hans", name="示例美玲")
    client.cookies["django_language"] = "zh-hans"
    form = {"login": user.username, "password": "a-long-password"}
    again, set_up = reverse("account_reauthenticate"), reverse("mfa_activate_totp")

    pages = [client.get("/account/sign-in/")]
    pages.append(client.post("/account/sign-in/", form | {"password": "wrong"}))
    client.post("/account/sign-in/", form)
    pages.append(client.post("/account/password/", {"oldpassword": "wrong"}))
    pages.append(client.post(again, {"password": "wrong"}))
    client.post(again, {"password": "a-long-password"})
    pages.append(client.post(set_up, {"code": "000"}))
    TOTP.activate(user, "A" * 32)
    pages.append(client.get(reverse("mfa_deactivate_totp")))
    client.logout()
    client.cookies["django_language"] = "zh-hans"
    client.post("/account/sign-in/", form)
    pages.append(client.post(reverse("mfa_authenticate"), {"code": "000"}))

    for page in pages:
        assert page.status_code == 200
        assert words_on(page) - {user.username, "user"} == set()


def words_on(response) -> set[str]:
    """But for the secret of an authenticator app and the name of a file."""
    page = Shown()
    page.feed(re.sub(r"[A-Z2-7]{32}|[\w/]+\.toml", "", response.content.decode()))
    return set(page.words)


# A model's help text is for who reads the model; forms bring their own.
SHOWN_BY_KEYWORD = {"label", "verbose_name", "empty_label", "message"}
SHOWN_BY_CALL = {"ValidationError", "add_error", "success", "warning", "error", "info"}


def python_files() -> Iterator[Path]:
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            if not {"migrations", "management"} & set(path.parts):
                yield path


def is_sentence(node: ast.AST) -> bool:
    """A text for people: has a space or a capital, unlike a name or a code."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and bool(re.search(r"[A-Za-z]{2,} |^[A-Z][a-z]", node.value))
    )


def unmarked(path: Path) -> Iterator[str]:
    is_model = "models" in path.with_suffix("").parts
    keywords = SHOWN_BY_KEYWORD | (set() if is_model else {"help_text"})
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        shown = [word.value for word in node.keywords if word.arg in keywords]
        if called in SHOWN_BY_CALL:
            shown += node.args
        yield from (f"{one.lineno}: {one.value}" for one in shown if is_sentence(one))


def test_code_shows_no_unmarked_text():
    strays = [
        f"{path.relative_to(ROOT)}:{text}"
        for path in python_files()
        for text in unmarked(path)
    ]

    assert strays == []


# ------------------------------------------------------------ one word per thing

# Words of docs/glossary.md with more than one form in Chinese.
OTHER_FORMS = {
    "plan": {"方案", "计划"},
    "course": {"疗程"},
    "session": {"治疗", " 次"},
    "needling": {"针刺", "施针", "施治"},
    "score": {"评分", "分值"},
    "proposal": {"建议"},
    "review": {"复评", "复核"},
    "intake": {"问诊"},
    "appointment": {"预约"},
    "clearance": {"医生许可"},
    "screen": {"筛查"},
    "finding": {"发现", "判定", "所见"},
    "stay": {"留床"},
}
# Everyday meanings of a word that the glossary also has.
EVERYDAY = {
    "hold",
    "stay",
    "fact",
    "rule",
    "screen",
    "plan",
    "finding",
    "course",
    "proposal",
}


def glossary() -> dict[str, str]:
    rows = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows]
    return {row[0].lower(): row[1] for row in cells if len(row) == 3}


GLOSSARY = {
    word: chinese
    for word, chinese in glossary().items()
    if re.search("[\u4e00-\u9fff]", chinese) and word != "word"
}


def test_the_glossary_is_read():
    assert GLOSSARY["patient"] == "患者"
    assert len(GLOSSARY) > 20


@pytest.mark.parametrize("word", sorted(set(GLOSSARY) - EVERYDAY))
def test_a_word_of_the_glossary_has_one_name_in_chinese(word):
    forms = {GLOSSARY[word], *OTHER_FORMS.get(word, ())}
    wanted = re.compile(rf"\b{re.escape(word)}s?\b", re.IGNORECASE)

    strays = [
        (entry.msgid, text)
        for entry in CATALOGUE
        if wanted.search(PLACEHOLDER.sub("", entry.msgid))
        for text in texts_of(entry)
        if not any(form in text for form in forms)
    ]

    assert strays == []


@pytest.mark.parametrize("word", sorted(EVERYDAY & set(GLOSSARY)))
def test_standing_alone_it_has_it_too(word):
    forms = {GLOSSARY[word], *OTHER_FORMS.get(word, ())}

    for entry in CATALOGUE:
        if entry.msgid.lower() in {word, f"{word}s"} and word != "stay":
            assert any(form in texts_of(entry)[0] for form in forms), entry.msgid
