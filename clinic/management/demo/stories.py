"""Who the patients of the demo are: one line for each state a clinic knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Until(StrEnum):
    """How far a story has come."""

    REGISTERED = "registered"
    EPISODE = "episode"  # the first visit is today
    INTAKE = "intake"
    DRAFT = "draft"
    APPROVED = "approved"  # nothing booked
    COURSE = "course"
    CLOSED = "closed"


class Harm(NamedTuple):
    """An adverse event: its kind and grade."""

    kind: str
    grade: int


@dataclass(frozen=True)
class Story:
    """`had` sessions before the day `ago` days back, which is a day of the course too.

    `ago` is TOMORROW where nothing happens today. Sessions are counted from 0.
    `resumes` is in days from today and leaves a gap, `booked` says how many are booked
    from that day on (None: all), `pain` picks a course of pain.
    `quarter` sets the visits' hour by the demo's, in quarters of an hour from the one
    that is running: 1 comes next, -2 leaves within a quarter. Who is through is asked
    again `asked_again` days after the first session: 0 is never, None a week after the
    last.
    """

    key: str
    until: Until
    times: int = 1
    picture: str = ""
    quarter: int | None = None
    sex: str = ""
    age: int | None = None
    told: Mapping[str, object] = field(default_factory=dict)
    untold: tuple[str, ...] = ()
    cleared: str = ""
    alerts: str = ""
    had: int = 0
    ago: int = 0
    booked: int | None = None
    resumes: int | None = None
    pain: str = "usual"
    missed: tuple[int, ...] = ()
    cancelled: tuple[int, ...] = ()
    unscored: tuple[int, ...] = ()
    today: str = ""  # what becomes of today's visit, if not what the clock says
    unsigned: bool = False
    amended: bool = False
    revised_after: int | None = None
    harm: Harm | None = None
    flared: bool = False
    asked_again: int | None = None
    before: "Story | None" = None  # an earlier episode


TOMORROW = -1
C, X = Until.COURSE, Until.CLOSED

STORIES: tuple[Story, ...] = (
    # At the door.
    Story("registered", Until.REGISTERED, 3),
    Story("first_visit_today", Until.EPISODE, quarter=2),
    Story("first_visit_today", Until.EPISODE, quarter=7),
    Story("first_visit_today", Until.EPISODE, quarter=14),
    # Intakes that go no further yet, or never.
    Story("intake_open", Until.INTAKE, 2, untold=("saddle_numbness", "weight_loss")),
    Story("intake_open", Until.INTAKE, untold=("cancer_history",), picture="stasis"),
    Story(
        "screened_out",
        Until.INTAKE,
        told={"saddle_numbness": True, "bladder_bowel_change": True},
    ),
    Story("screened_out", Until.INTAKE, told={"foot_drop": True}, picture="stasis"),
    Story("flag_raised", Until.INTAKE, told={"cancer_history": True}),
    Story(
        "flag_raised",
        Until.INTAKE,
        told={"morning_stiffness_inflammatory": True},
        picture="damp_heat",
    ),
    Story(
        "cleared",
        Until.INTAKE,
        told={"weight_loss": True},
        cleared="RF3",
        picture="kidney",
    ),
    Story(
        "cleared",
        C,
        told={"cancer_history": True},
        cleared="RF3",
        had=4,
        ago=TOMORROW,
        picture="cold_damp",
    ),
    Story("clear_screen", Until.INTAKE),
    # Plans.
    Story("draft_plan", Until.DRAFT, 3),
    Story("approved_unbooked", Until.APPROVED, 3),
    # Courses under way. Each acupuncturist has had somebody; four are in the house.
    Story("treated_today", C, 3, quarter=-5, had=3),
    Story("needles_out", C, quarter=-2, had=3),
    Story("needles_in", C, quarter=-1, had=2),
    Story("in_bed", C, quarter=0, had=2),
    Story("no_show_today", C, quarter=-8, had=3, today="no_show"),
    Story("stopped_today", C, quarter=-6, had=2, today="untreated"),
    Story("late_cancel_today", C, quarter=5, had=2, today="late_cancel"),
    Story("cancelled_today", C, quarter=12, had=4, today="cancelled"),
    Story("arrived", C, quarter=1, had=4),
    Story("booked", C, ago=TOMORROW),
    Story("booked", C, resumes=3),
    Story("on_track", C, had=1),
    Story("on_track", C, 2, had=2, ago=TOMORROW),
    Story("on_track", C, had=2, picture="stasis", harm=Harm("haematoma", 1)),
    Story("paused", C, had=2, ago=TOMORROW, harm=Harm("local_infection", 2)),
    Story("on_track", C, 3, had=3, ago=TOMORROW),
    Story("on_track", C, had=5, picture="damp_heat"),
    Story("on_track", C, 1, had=6, amended=True, harm=Harm("drowsiness", 1)),
    Story("last_session_today", C, had=7),
    Story("responder", C, 2, had=5, ago=TOMORROW, pain="strong"),
    Story("responder", C, had=6, pain="strong", picture="cold_damp"),
    Story("no_change", C, had=5, pain="none"),
    Story("no_change", C, had=6, ago=TOMORROW, pain="none"),
    Story("worsening", C, had=5, pain="worse", flared=True, told={"leg_nrs": 6}),
    Story("worsening", C, had=5, ago=TOMORROW, pain="worse", told={"leg_nrs": 7}),
    Story("unscored", C, 2, had=5, ago=TOMORROW, unscored=(1, 3)),
    Story("no_show", C, had=4, ago=TOMORROW, missed=(2,)),
    Story("no_show", C, had=5, missed=(1, 3), pain="none"),
    Story("cancelled", C, had=4, ago=TOMORROW, cancelled=(2,)),
    Story("unsigned", C, 3, had=4, ago=1, unsigned=True),
    Story("revised", C, 2, had=6, ago=TOMORROW, revised_after=4, pain="none"),
    # Behind plan.
    Story("behind_gap", C, had=4, ago=13, resumes=5),
    Story("behind_no_next", C, 2, had=5, ago=5, booked=0),
    Story("behind_to_book", C, had=4, booked=2),
    # Whom the rules treat with care.
    Story(
        "pregnant",
        C,
        had=3,
        sex="female",
        age=31,
        told={"pregnant": True, "pregnancy_weeks": 22},
        alerts="Pregnant: needs the side position",
    ),
    Story(
        "anticoagulated",
        C,
        had=4,
        sex="male",
        age=66,
        told={"anticoagulant": True},
        alerts="Takes a blood thinner",
        picture="stasis",
    ),
    Story(
        "aged_79",
        C,
        had=4,
        sex="male",
        age=79,
        told={"root": "L5", "numbness": True, "frail": True},
        picture="cold_damp",
        alerts="Hard of hearing, speak to the left side",
    ),
    Story(
        "pacemaker", C, had=2, age=61, told={"electronic_implant": True}, ago=TOMORROW
    ),
    Story(
        "needle_fear",
        C,
        had=2,
        told={"needle_fear": True, "fainted_before": True},
        harm=Harm("fainting", 2),
        alerts="Has fainted with needles: always lying down",
    ),
    # A second episode.
    Story(
        "recurrent",
        C,
        2,
        had=3,
        told={"episode_kind": "recurrent"},
        before=Story("", X, had=8, ago=180, pain="strong"),
    ),
    Story(
        "recurrent",
        C,
        had=5,
        told={"episode_kind": "recurrent"},
        before=Story("", X, had=8, ago=240),
    ),
    # Finished.
    Story("finished", X, 3, had=8, ago=6, pain="strong"),
    Story("finished", X, 4, had=8, ago=12),
    Story("finished", X, 4, had=8, ago=18, picture="cold_damp"),
    Story("finished", X, 2, had=8, ago=24, pain="none"),
    Story("finished", X, 3, had=8, ago=28, unscored=(7,)),
    Story("stopped", X, had=3, ago=20, pain="worse", harm=Harm("needling_pain", 2)),
    Story("stopped", X, had=5, ago=25, missed=(4,), pain="none"),
)
