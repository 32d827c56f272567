"""Letters and calendar files; the icalendar package is the judge of these."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.messages.due import Kind
from plans.messages.ical import CANCEL, Event, Organizer, calendar_file, folded
from plans.messages.initials import initials
from plans.messages.letters import FILE, Clinic, Date, letter, texts

AT = datetime(2026, 3, 28, 9, tzinfo=ZoneInfo("Europe/London"))
CLINIC = Clinic("Harbour Lane", "020 7946 0123", 24)
NASTY = 'Müller; "A, B"\\C\n中医诊所'


def event(**fields):
    defaults = {
        "uid": "1@acuplan",
        "sequence": 0,
        "stamp": AT,
        "starts_at": AT,
        "ends_at": AT + timedelta(minutes=45),
        "summary": "Appointment",
    }
    return Event(**defaults | fields)


def read(text):
    return icalendar.Calendar.from_ical(text)


def entries(text):
    return read(text).walk("VEVENT")


# ------------------------------------------------------------------ calendar files


def test_an_entry_says_what_it_was_given():
    text = calendar_file(
        [event(sequence=3, summary=NASTY, location="Bed 1, Willow")],
        name=NASTY,
        organizer=Organizer('Harbour "Lane"', "desk@example.org"),
    )

    (entry,) = entries(text)
    assert read(text)["METHOD"] == "PUBLISH"
    assert entry["SUMMARY"] == NASTY
    assert entry["LOCATION"] == "Bed 1, Willow"
    assert entry["UID"] == "1@acuplan"
    assert entry["SEQUENCE"] == 3
    assert entry["DTSTART"].dt == AT
    assert entry["DTEND"].dt - entry["DTSTART"].dt == timedelta(minutes=45)
    assert entry["ORGANIZER"] == "mailto:desk@example.org"
    assert entry["ORGANIZER"].params["CN"] == "Harbour Lane"
    assert entry["STATUS"] == "CONFIRMED"


def test_a_cancelled_entry_says_so():
    text = calendar_file([event(is_cancelled=True)], name="x", method=CANCEL)

    assert read(text)["METHOD"] == "CANCEL"
    assert entries(text)[0]["STATUS"] == "CANCELLED"


def test_an_hour_is_the_same_on_the_wall_before_and_after_the_clocks_change():
    later = AT + timedelta(days=2)  # wall-clock arithmetic: 09:00 again
    starts = [AT, later]

    text = calendar_file([event(starts_at=at) for at in starts], name="x")

    assert "DTSTART:20260328T090000Z" in text
    assert "DTSTART:20260330T080000Z" in text


def test_a_name_cannot_add_a_line():
    text = calendar_file(
        [event(summary="A\r\nATTENDEE:mailto:x@example.org\x00\u2028B")],
        name="x\r\nMETHOD:REQUEST",
        organizer=Organizer("x\r\nATTACH:y", "desk@example.org"),
    )

    (entry,) = entries(text)
    assert "ATTENDEE" not in entry
    assert "ATTACH" not in entry
    assert read(text)["METHOD"] == "PUBLISH"
    assert "\x00" not in text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_lines_are_short_and_join_again(line):
    pieces = list(folded(line))

    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert all(piece[0] == " " for piece in pieces[1:])
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])))
def test_every_text_comes_out_as_it_went_in(text):
    (entry,) = entries(calendar_file([event(summary=f"x{text}")], name=text))

    assert entry["SUMMARY"] == f"x{text}"


def test_lines_end_as_the_standard_asks():
    text = calendar_file([event(summary="针灸" * 60)], name="x")

    assert text.endswith("END:VCALENDAR\r\n")
    assert text.count("\n") == text.count("\r\n")


@pytest.mark.parametrize(
    ("family", "given_name", "expected"),
    [
        ("Reyes", "Ana", "A.R."),
        ("Musterová-Beispielová", "Maria Theodora", "M.T.M.B."),
        ("Örnek", "", "Ö."),
        ("王", "伟", "王某"),
        ("", "秀英", "秀某"),
    ],
)
def test_initials_do_not_name_anybody(family, given_name, expected):
    assert initials(family, given_name) == expected


# ------------------------------------------------------------------ letters


ONCE = (Date(AT),)


def written(kind, dates=ONCE, language="en", **fields):
    defaults = {"first_name": "Ana", "clinic": CLINIC}
    return letter(kind, dates, language=language, **defaults | fields)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("kind", list(Kind))
def test_every_letter_has_name_time_clinic_and_phone(kind, language):
    said = written(kind, language=language)

    for part in ("Ana", "09:00", "2026", "Harbour Lane", "020 7946 0123"):
        assert part in said.body
    assert "{" not in said.subject + said.body
    assert "Ana" not in said.subject


def test_a_course_lists_all_its_dates():
    dates = [Date(AT + timedelta(days=7 * week)) for week in range(12)]

    said = written(Kind.BOOKING, dates)

    assert said.subject == "Your 12 appointments, from Saturday 28 March 2026, 09:00"
    assert said.body.count("2026, 09:00") == 12


def test_a_move_says_from_when():
    said = written(Kind.MOVED, [Date(AT, was=AT - timedelta(days=1))])

    assert (
        "Saturday 28 March 2026, 09:00 (instead of Friday 27 March 2026, 09:00)"
        in said.body
    )


def test_chinese_is_chinese():
    said = written(Kind.EARLY, language="zh-hans", first_name="秀英")

    assert said.subject == "预约提醒：2026年3月28日 星期六 09:00"
    assert said.body.startswith("秀英，您好：")


def test_a_cancelled_visit_asks_for_no_notice_and_no_phone_leaves_no_gap():
    said = written(Kind.CANCELLED, clinic=Clinic("Harbour Lane", "", 24))

    assert "24 hours" not in said.body
    assert "Phone" not in said.body
    assert "\n\n\n" not in said.body


def test_a_name_of_several_lines_stays_on_one():
    said = written(Kind.BOOKING, first_name="Ana\r\nBcc: all@example.org")

    assert said.body.splitlines()[0] == "Hello Ana Bcc: all@example.org,"


@pytest.mark.parametrize(
    "line", ['zh-hans = "电话：{phone}"', 'en = "Monday Tuesday', "[late_reminder.one]"]
)
def test_a_file_that_lacks_a_text_is_refused(tmp_path, line):
    text = FILE.read_text(encoding="utf-8")
    assert line in text
    path = tmp_path / "letters.toml"
    spoilt = line.replace("Monday ", "").replace("late", "other")
    spoilt = "" if line.startswith("zh") else spoilt
    path.write_text(text.replace(line, spoilt), encoding="utf-8")

    with pytest.raises(ValueError, match=r"\["):
        texts(path)


def test_two_hours_before_nobody_is_asked_for_a_days_notice():
    assert "24 hours" in written(Kind.EARLY).body
    assert "24 hours" not in written(Kind.LATE).body
