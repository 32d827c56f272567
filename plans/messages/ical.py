"""Calendar files (RFC 5545): our own few lines, judged by the icalendar package."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

PRODUCT = "-//Acuplan//Acuplan//EN"
OCTETS = 75  # of a line, without its end
PUBLISH, CANCEL = "PUBLISH", "CANCEL"


@dataclass(frozen=True, slots=True)
class Event:
    """`sequence` grows with every change; `stamp` is when this state came about."""

    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str = ""
    description: str = ""
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Organizer:
    name: str
    email: str


def calendar_file(
    events: Iterable[Event],
    *,
    name: str,
    method: str = PUBLISH,
    organizer: Organizer | None = None,
) -> str:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"METHOD:{method}",
        f"X-WR-CALNAME:{escaped(name)}",
    ]
    for event in events:
        lines += _event(event, organizer)
    lines.append("END:VCALENDAR")
    return "".join(f"{piece}\r\n" for line in lines for piece in folded(line))


def _event(event: Event, organizer: Organizer | None) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTAMP:{moment(event.stamp)}"
    yield f"DTSTART:{moment(event.starts_at)}"
    yield f"DTEND:{moment(event.ends_at)}"
    yield f"SUMMARY:{escaped(event.summary)}"
    if event.location:
        yield f"LOCATION:{escaped(event.location)}"
    if event.description:
        yield f"DESCRIPTION:{escaped(event.description)}"
    if organizer is not None:
        yield f"ORGANIZER;CN={quoted(organizer.name)}:mailto:{organizer.email}"
    yield f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}"
    yield "END:VEVENT"


def moment(at: datetime) -> str:
    """In UTC, so that no time zone has to be described and the clocks may change."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def without_controls(text: str) -> str:
    return "".join(sign for sign in text if sign >= " " and sign != "\x7f")


def escaped(text: str) -> str:
    lines = []
    for line in text.splitlines():
        for sign in ("\\", ";", ","):
            line = line.replace(sign, f"\\{sign}")
        lines.append(without_controls(line))
    return "\\n".join(lines)


def quoted(text: str) -> str:
    """A parameter has no escapes: what would end it is left out."""
    return f'"{without_controls(text).replace(chr(34), "")}"'


def folded(line: str) -> Iterator[str]:
    """Cut at 75 octets, never within a character; what follows begins with a space."""
    piece, length = "", 0
    for sign in line:
        size = len(sign.encode())
        if length + size > OCTETS:
            yield piece
            piece, length = " ", 1
        piece += sign
        length += size
    yield piece
