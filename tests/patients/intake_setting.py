"""An intake as a browser sends it."""

import re
from html import unescape
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from patients.intake.forms import initial_of
from patients.intake.services import take_intake
from tests.cases import CASES

CLEAR = dict(CASES["posterior_50f"].answers)
CANCER = CLEAR | {"cancer_history": True}
SADDLE = CLEAR | {"saddle_numbness": True}


def address(name, row):
    return reverse(f"patients:{name}", args=[row.pk])


def hidden(page):
    """The hidden fields of the form on the page."""
    found = re.findall(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?', page)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def posted(answers):
    return initial_of(answers)


def text(response):
    return unescape(response.content.decode())


def send(client, episode, answers, page=None, **more):
    page = page or client.get(address("intake", episode))
    return client.post(
        address("intake", episode), hidden(text(page)) | posted(answers) | more
    )


def taken(user, episode, answers):
    return take_intake(
        by=user,
        episode=episode,
        answers=answers,
        now=timezone.now(),
        on=timezone.localdate(),
        submission=uuid4(),
    )


def is_checked(page, name, value):
    boxes = re.findall(r"<input [^>]*>", page)
    return any(
        f'name="{name}"' in box and f'value="{value}"' in box and " checked" in box
        for box in boxes
    )
