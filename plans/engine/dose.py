"""What the rules say to a dose that a clinician chooses in place of the proposed."""

from clinic.rules.machine import Facts
from plans.engine.book import RuleBook
from plans.engine.limits import cautions
from plans.engine.proposal import Caution


def dose_cautions(
    *, per_week: int, weeks: int, facts: Facts, book: RuleBook
) -> tuple[Caution, ...]:
    """Only what the dose itself brings up; nothing for a dose that is usual."""
    at_first = book.judge(facts)
    chosen: Facts = {"per_week": per_week, "weeks": weeks}
    of_dose = [
        ruling
        for ruling, before in zip(
            book.judge_again(at_first, facts, chosen), at_first, strict=True
        )
        if ruling.says_yes and not before.says_yes
    ]
    return cautions(of_dose)
