"""What patients of the demo answer: a handful of pictures of sciatica.

Each is a plain set of answers to the questionnaire, as a form would send them.
"""

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

from clinic.management.demo.people import Person
from patients.intake.questionnaire import (
    QUESTIONNAIRE,
    Answer,
    check_answers,
    facts_from,
)

SAFETY = {"red_flags", "history", "needling"}
NO: Mapping[str, Answer] = {
    question.id: False
    for section in QUESTIONNAIRE.sections
    if section.id in SAFETY
    for question in section.questions
    if question.kind == "yes_no"
} | {"frail": False}

POSTERIOR = ("buttock", "posterior_thigh", "knee_back", "posterior_leg", "heel")
LATERAL = ("buttock", "hip", "lateral_thigh", "lateral_leg", "foot_dorsum")
ANTERIOR = ("groin", "anterior_thigh", "anterior_leg")


def line(*regions: str) -> tuple[str, ...]:
    return ("low_back", *regions)


PICTURES: Mapping[str, Mapping[str, object]] = {
    "cold_damp": {
        "map": line(*POSTERIOR),
        "pain_quality": ["cold_heavy"],
        "worse_with": ["rain_cold"],
        "eases_with": ["warmth"],
        "tongue_body": "pale",
        "tongue_coat": "greasy_white",
        "pulse": ["deep", "tight"],
        "cold_limbs": True,
        "patterns": ["cold_damp"],
        "root": "S1",
    },
    "stasis": {
        "map": line(*LATERAL),
        "pain_quality": ["stabbing"],
        "worse_with": ["night", "pressure"],
        "eases_with": ["moving"],
        "tongue_body": "purple",
        "tongue_coat": "thin_white",
        "pulse": ["choppy"],
        "trauma_history": True,
        "patterns": ["qi_stagnation_blood_stasis"],
        "root": "L5",
        "numbness": True,
    },
    "kidney": {
        "map": line(*POSTERIOR[:3]),
        "pain_quality": ["dull"],
        "worse_with": ["exertion"],
        "eases_with": ["rest", "pressure"],
        "tongue_body": "pale",
        "tongue_coat": "thin_white",
        "pulse": ["deep", "thin", "weak"],
        "fatigue": True,
        "patterns": ["kidney_deficiency"],
        "constitution": "weak",
    },
    "damp_heat": {
        "map": line(*LATERAL[:4]),
        "pain_quality": ["burning"],
        "worse_with": ["heat"],
        "eases_with": ["cold"],
        "tongue_body": "red",
        "tongue_coat": "greasy_yellow",
        "pulse": ["slippery", "rapid"],
        "patterns": ["damp_heat"],
    },
    "sitting": {
        "map": ("buttock", "posterior_thigh"),
        "pain_quality": ["distending"],
        "worse_with": ["sitting"],
        "eases_with": ["moving"],
        "tongue_body": "pink",
        "tongue_coat": "thin_white",
        "pulse": ["wiry"],
        "patterns": ["none"],
        "tender_points": True,
    },
    "front": {
        "map": line(*ANTERIOR),
        "pain_quality": ["dull"],
        "worse_with": ["walking"],
        "eases_with": ["rest"],
        "tongue_body": "pink",
        "tongue_coat": "thin_white",
        "pulse": ["wiry"],
        "patterns": ["qi_blood_deficiency"],
        "root": "L4",
        "fatigue": True,
    },
}


def answers_of(
    rng: Random,
    person: Person,
    picture: str,
    *,
    told: Mapping[str, object],
    untold: tuple[str, ...],
    onset: date,
    on: date,
) -> dict[str, Answer]:
    """A whole questionnaire: the picture, the body, every safety question answered no.

    Args:
        told: what this patient answers otherwise.
        untold: questions that stay open.
    """
    given = dict[str, Any](PICTURES[picture])
    side = rng.choice(("left", "right"))
    regions = given.pop("map")
    height = round(rng.gauss(177 if person.sex == "male" else 165, 6))
    weight = round(rng.gauss(25.5, 3) * (height / 100) ** 2)
    bmi = weight / (height / 100) ** 2
    raw = {
        "pain_map": [f"{side}_{region}" for region in regions],
        "leg_nrs": rng.choice((5, 6, 6, 7, 7, 8, 8)),
        "back_nrs": rng.choice((2, 3, 4, 4, 5, 6)),
        "straight_leg_raise": rng.choice((35, 40, 45, 50, 60, 70)),
        "paravertebral_tenderness": rng.random() < 0.6,
        "tender_points": rng.random() < 0.5,
        "numbness": rng.random() < 0.3,
        "episode_kind": "first",
        "trauma_history": False,
        "height_cm": height,
        "weight_kg": weight,
        "build": "thin" if bmi < 20 else "heavy" if bmi > 29 else "average",
        "constitution": "average",
        "cold_limbs": False,
        "five_centre_heat": False,
        "fatigue": False,
        "needle_experience": rng.choice(("none", "none", "some", "regular")),
        **NO,
        **given,
        **told,
    }
    facts = facts_from(
        check_answers(raw)[0],
        birth_date=person.birth_date,
        sex=person.sex,
        onset=onset,
        on=on,
    )
    questions = QUESTIONNAIRE.questions
    asked = {
        name: answer
        for name, answer in raw.items()
        if questions[name].is_asked(facts) and name not in untold
    }
    answers, errors = check_answers(asked)
    if errors:
        raise ValueError(f"the demo answers wrongly: {errors}")
    return answers
