"""What tests of the diary share: its times, and how its pages are read."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

LONDON = ZoneInfo("Europe/London")
NEXT = "/schedule/week/?day=2026-03-05"
JUNK = [
    "",
    "x",
    "-1",
    "9" * 400,
    "\x00",
    "二〇二六",
    "1' or 1=1",
    "0001-01-01",
    "1999-12-31",
    "9999-12-31",
    "2026-02-30",
    "2026-03-03T09:00",
]


def junk_in_turn(names, junk=JUNK):
    """Every piece of junk in every field, in as many forms as there are pieces."""
    for first in range(len(junk)):
        yield {name: junk[(first + nth) % len(junk)] for nth, name in enumerate(names)}


def local(day, hour=9, minute=0):
    """A time in March 2026, by the clinic's clock."""
    return datetime(2026, 3, day, hour, minute, tzinfo=LONDON)


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def column(page, key):
    """What stands in one column of the diary."""
    found = re.search(
        rf'<section[^>]*aria-labelledby="c{key}".*?</section>', text(page)
    )
    return found[0]


def lit(page, key):
    """The starts that can be clicked in a column, and their addresses."""
    found = re.search(r'<ul class="free free--lit".*?</ul>', column(page, key))
    links = re.findall(r'href="([^"]+)">(\d\d:\d\d)<', found[0] if found else "")
    return {at: url.replace("&amp;", "&") for url, at in links}


def changes_address(page):
    """Where the page asks whether somebody changed what it shows."""
    found = re.search(r'data-changes="([^"]+)"', page.content.decode())
    return found[1].replace("&amp;", "&")


def links(page, words):
    """The addresses of the links that say this."""
    found = re.findall(rf'href="([^"]+)"[^>]*>{words}', text(page))
    return [address.replace("&amp;", "&") for address in found]


def place(practitioner, day="2026-03-05", at="10:00", **more):
    """What the form of an appointment sends to move it."""
    where = {"day": day, "time": at, "practitioner": practitioner.pk, "bed": ""}
    return where | {"needling": 15, "stay": 45} | more


def dropped(desk, row, **more):
    """What the diary sends, and is answered, when a visit is dropped in it."""
    sent = place(row.practitioner, revision=row.revision, next=NEXT)
    return desk.post(reverse("plans:move", args=[row.pk]), sent | more)
