"""All that the outcomes say of a caseload, worked out once for page and files."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from patients.measures.scales import SCALES, Scale
from plans.adverse.rules import GRADES, KINDS
from plans.outcomes.caseload import (
    Change,
    Events,
    Pair,
    Pairs,
    Response,
    Totals,
    Visit,
    change,
    definitions,
    drop_off,
    response,
)
from plans.outcomes.casemix import CaseMix, Cell, Group, Standing, case_mix, standing
from plans.outcomes.rates import Rate, rate
from plans.progress.trend import BACK, LEG

LAST = "leg_last"  # the leg's last score, whenever it was


@dataclass(frozen=True)
class Harm:
    """Adverse events per 1,000 sessions: in all, by category, grade and kind."""

    total: Rate
    groups: Mapping[str, Rate]
    grades: Mapping[int, Rate]
    kinds: Mapping[str, Rate]  # those that happened
    late: int
    in_error: int  # of sessions entered in error: in none of the numbers before


@dataclass(frozen=True)
class Findings:
    totals: Totals
    visits: tuple[Visit, ...]
    changes: Mapping[str, Change]  # by scale, the leg's first; and LAST
    responses: Mapping[Scale, tuple[Response, ...]]
    mix: CaseMix | None
    standings: tuple[tuple[Group, Standing | None], ...]
    harm: Harm

    @property
    def leg(self) -> Change:
        return self.changes[LEG.code]


def findings(
    totals: Totals,
    cells: Sequence[Cell],
    groups: Sequence[Group],
    pairs: Pairs,
    events: Sequence[Events],
) -> Findings:
    leg = _legs(cells)
    scored = {LEG: leg, BACK: pairs.back} | {
        SCALES[code]: found for code, found in pairs.disability.items()
    }
    mix = case_mix(cells)
    return Findings(
        totals=totals,
        visits=drop_off(totals.visits),
        changes={
            LEG.code: change(leg),
            LAST: change(pairs.last),
            **{scale.code: change(found) for scale, found in scored.items()},
        },
        responses={
            scale: tuple(response(found, each) for each in definitions(scale))
            for scale, found in scored.items()
        },
        mix=mix,
        standings=tuple(
            (group, standing(mix, group) if mix else None) for group in groups
        ),
        harm=_harm(events, totals.quality.sessions),
    )


def _legs(cells: Sequence[Cell]) -> list[Pair]:
    found = Counter[tuple[float | None, float | None]]()
    for cell in cells:
        found[cell.base, cell.later] += cell.count
    return [Pair(base, later, count) for (base, later), count in found.items()]


def _harm(events: Sequence[Events], sessions: int) -> Harm:
    by_group, by_grade, by_kind = Counter[str](), Counter[int](), Counter[str]()
    counted = [each for each in events if not each.is_in_error]
    for each in counted:
        by_group[KINDS[each.kind]] += each.count
        by_grade[each.grade] += each.count
        by_kind[each.kind] += each.count
    return Harm(
        total=rate(by_grade.total(), sessions),
        groups={name: rate(by_group[name], sessions) for name in _groups()},
        grades={grade: rate(by_grade[grade], sessions) for grade in GRADES},
        kinds={name: rate(by_kind[name], sessions) for name in KINDS if by_kind[name]},
        late=sum(each.count for each in counted if each.is_late),
        in_error=sum(each.count for each in events if each.is_in_error),
    )


def _groups() -> list[str]:
    return list(dict.fromkeys(KINDS.values()))
