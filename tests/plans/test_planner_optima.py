"""The planner against a constraint solver, on calendars as large as a clinic's."""

import json

from plans.scheduling.planner import plan_course
from tests.plans.optima import FILE, NUMBER, instance

FOUND = json.loads(FILE.read_text(encoding="utf-8"))["optima"]


def test_no_course_is_dearer_than_the_solvers_nor_cheaper():
    planned = []
    for seed in range(NUMBER):
        asked, starts, kept = instance(seed)
        courses = plan_course(asked, starts, kept=kept).courses
        planned.append(courses[0].cost if courses else None)

    assert planned == FOUND
    assert None in FOUND, "some have no course at all"
    assert sum(cost is not None for cost in FOUND) > NUMBER // 2
