"""What tests of the diary share: its times, and how its pages are read."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


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


def changes_address(page):
    """Where the page asks whether somebody changed what it shows."""
    found = re.search(r'data-changes="([^"]+)"', page.content.decode())
    return found[1].replace("&amp;", "&")


def links(page, words):
    """The addresses of the links that say this."""
    found = re.findall(rf'href="([^"]+)"[^>]*>{words}', text(page))
    return [address.replace("&amp;", "&") for address in found]
