"""A plan as the patient takes it home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.utils.translation import gettext as _

from clinic.core.texts import Text
from clinic.rules.machine import Facts
from clinic.templatetags.clinic_ui import in_language, short_day
from plans.engine.advice import advice
from plans.engine.proposal import Review
from plans.exports.fit import Page, type_size
from plans.exports.patient_sheet import CALL, EXPECT, HOSPITAL, said, text_of
from plans.exports.presenters.words import proposal_of, rhythm
from plans.exports.queries import CourseAhead, Visit
from plans.planning.models import PlanVersion
from plans.scheduling.policy import POLICY

TO_CONFIRM = ("recalled", "proposal", "derived")


@dataclass(frozen=True)
class Week:
    """Of the course, counted from its first session."""

    number: int
    visits: tuple[Visit, ...]


@dataclass(frozen=True)
class Sentence:
    text: Text
    tag: str


@dataclass(frozen=True)
class PatientPage:
    """`to_confirm` are the sentences that no clinician has confirmed yet."""

    lede: str
    goal: str
    weeks: tuple[Week, ...]
    reviews: str
    now: tuple[Text, ...]
    later: tuple[Text, ...]
    expect: tuple[Text, ...]
    call: tuple[Text, ...]
    tell_us: str
    hospital: tuple[Text, ...]
    to_confirm: tuple[Sentence, ...]

    @property
    def type_size(self) -> int:
        """In points, in the language of the page."""
        listed = (self.now, self.later, self.expect, self.hospital, self.call)
        now, later, expect, hospital, call = (
            [in_language(text) for text in block] for block in listed
        )
        return type_size(
            Page(
                head=(self.lede, self.goal),
                weeks=[len(week.visits) for week in self.weeks],
                flow=[
                    block for block in (now, later, [*expect, self.reviews]) if block
                ],
                boxes=[hospital, [*call, self.tell_us]],
            )
        )


def patient_page(
    version: PlanVersion, facts: Facts, course: CourseAhead, today: date
) -> PatientPage:
    counsel = advice(facts)
    now, later, emergency = (
        tuple(Sentence(item.text, item.tag) for item in items)
        for items in (counsel.now, counsel.later, counsel.emergency)
    )
    expect, call, hospital = (
        tuple(Sentence(text_of(rule), rule.tag) for rule in said(kind, facts))
        for kind in (EXPECT, CALL, HOSPITAL)
    )
    return PatientPage(
        lede=_lede(version),
        goal=_goal(version),
        weeks=weeks(course.visits),
        reviews=_looking_back(version, course, today),
        now=_texts(now),
        later=_texts(later),
        expect=_texts(expect),
        call=_texts(call),
        tell_us=tell_us(),
        hospital=_texts((*emergency, *hospital)),
        to_confirm=tuple(
            sentence
            for sentence in (*now, *later, *expect, *emergency, *hospital, *call)
            if sentence.tag in TO_CONFIRM
        ),
    )


def _texts(sentences: Sequence[Sentence]) -> tuple[Text, ...]:
    return tuple(sentence.text for sentence in sentences)


def _lede(version: PlanVersion) -> str:
    return _(
        "%(sessions)s sessions: %(rhythm)s. The needles stay in for %(minutes)s "
        "minutes. Your acupuncturist: %(name)s."
    ) % {
        "sessions": version.sessions,
        "rhythm": rhythm(version),
        "minutes": version.retention_min,
        "name": version.approved_by,
    }


def _goal(version: PlanVersion) -> str:
    if not version.goal:
        return ""
    return _("What you want to reach: “%(goal)s”") % {"goal": version.goal}


def tell_us() -> str:
    hours = POLICY.late_within // timedelta(hours=1)
    return _(
        "If you can’t come, please tell us at least %(late_hours)s hours before."
    ) % {"late_hours": hours}


def weeks(visits: Sequence[Visit]) -> tuple[Week, ...]:
    return tuple(
        Week(number, tuple(those))
        for number, those in groupby(visits, key=lambda visit: visit.week)
    )


def _looking_back(version: PlanVersion, course: CourseAhead, today: date) -> str:
    """The reviews to come; what they are for is the clinician's."""
    dose = proposal_of(version).dose
    reviews = (
        _review(review, version, course, today)
        for review in (dose.reviews if dose else ())
    )
    when = _(", ").join(words for words in reviews if words)
    return _("We look back together: %(when)s.") % {"when": when} if when else ""


def _review(
    review: Review, version: PlanVersion, course: CourseAhead, today: date
) -> str:
    """Nothing for one that is past, or that the course does not come to."""
    if review.session:
        if not course.had < review.session <= version.sessions:
            return ""
        words = _("after session %(number)s") % {"number": review.session}
        on = next((v.on for v in course.visits if v.number == review.session), None)
        return _dated(words, short_day(on)) if on else words
    words = _("in week %(number)s") % {"number": review.week}
    if course.begins is None or review.week is None:
        return words
    monday = course.begins + timedelta(weeks=review.week - 1)
    if monday + timedelta(days=6) < today:
        return ""
    return _dated(words, _("from %(day)s") % {"day": short_day(monday)})


def _dated(words: str, when: str) -> str:
    return _("%(what)s (%(when)s)") % {"what": words, "when": when}
