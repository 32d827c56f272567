"""Published case descriptions as intakes: what is told, and no more.

Where a description is silent the answer stays open, but for two things the screen and
the map need. Every safety question is answered no. Where the line or the side of the
pain isn't told, the note beside the map says what was marked for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from clinic.rules.machine import Facts
from patients.intake.questionnaire import QUESTIONNAIRE, Answer, facts_from

TAKEN_ON = date(2026, 3, 2)


@dataclass(frozen=True)
class Case:
    """`age` in full years on the day of the intake; None where it isn't told."""

    sex: str
    told: Mapping[str, Answer] = field(default_factory=dict)
    age: int | None = None
    onset: date | None = None

    @property
    def birth_date(self) -> date | None:
        return None if self.age is None else date(TAKEN_ON.year - self.age, 1, 15)

    @property
    def answers(self) -> dict[str, Answer]:
        return {**_SAFETY_NO, **self.told}

    @property
    def facts(self) -> Facts:
        return facts_from(
            self.answers,
            birth_date=self.birth_date,
            sex=self.sex,
            onset=self.onset,
            on=TAKEN_ON,
        )


_SAFETY_NO: Mapping[str, Answer] = {
    question.id: False
    for section in QUESTIONNAIRE.sections
    if section.id in {"red_flags", "history", "needling"}
    for question in section.questions
    if question.kind == "yes_no"
} | {"frail": False}

CASES: Mapping[str, Case] = {
    "buttock_to_foot_36f": Case(
        sex="female",
        age=36,
        onset=date(2021, 3, 2),  # five years
        told={
            # From buttock to foot, the line not told: the back and the outside.
            "pain_map": [
                "right_buttock",
                "right_lateral_thigh",
                "right_posterior_thigh",
                "right_lateral_leg",
                "right_posterior_leg",
                "right_foot_dorsum",
                "right_foot_sole",
            ],
            "leg_nrs": 5,
        },
    ),
    "posterior_50f": Case(
        sex="female",
        age=50,
        onset=date(2026, 2, 2),  # one month
        told={
            # The side isn't told: left.
            "pain_map": [
                "left_buttock",
                "left_posterior_thigh",
                "left_knee_back",
                "left_posterior_leg",
                "left_heel",
            ],
        },
    ),
    "l4l5_numb_79m": Case(
        sex="male",
        age=79,
        told={
            "pain_map": [
                "right_lateral_thigh",
                "right_posterior_thigh",
                "right_lateral_leg",
                "right_posterior_leg",
            ],
            "root": "L5",
            "numbness": True,
            "patterns": ["cold_damp"],
        },
    ),
    "slr30_45m": Case(
        sex="male",
        age=45,
        told={
            # Only the right side is told: the buttock, which every line shares.
            "pain_map": ["right_buttock"],
            "root": "S1",
            "leg_nrs": 8,
            "straight_leg_raise": 30,
        },
    ),
    "saddle_stop": Case(
        sex="unknown",
        told={"saddle_numbness": True, "bladder_bowel_change": True},
    ),
}
