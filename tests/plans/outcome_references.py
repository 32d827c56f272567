"""What the statistics of the outcomes should come to, by SciPy and statsmodels.

Both are heavy, so their answers are kept in `outcome_references.json` and the tests
compare with that. To work them out again:

    pip install scipy statsmodels && python -m tests.plans.outcome_references
"""

import json
from dataclasses import replace
from pathlib import Path
from random import Random

from plans.outcomes.casemix import KINDS, Cell
from plans.outcomes.explore import Treated

FILE = Path(__file__).with_name("outcome_references.json")
POISSON = [(0, 0.95), (1, 0.95), (2, 0.998), (7, 0.95), (40, 0.95), (1234, 0.95)]
HOLM = [[0.01, 0.04, 0.03, 0.005], [0.5], [0.9, 0.2, 0.2], [1e-9, 0.5, 0.04, 0.04]]
SEEDS = (1, 2, 3, 4)  # the third has a kind of fewer than ten, the fourth one sex only
POINTS = ("BL23", "BL40", "GB30", "GB34", "electro")
# Who treats how many of ten, and how much pain is left more than of the others.
PEOPLE = {1: (5, -0.5), 2: (3, 0.0), 3: (1, 0.0), 4: (1, 2.5)}


def caseload(seed):
    """Cells of courses as they might be, with what was done in the first session."""
    rng = Random(seed)
    found = []
    for _each in range(240):
        base = rng.choice((3, 4, 5, 6, 7, 8, 9, 10))
        case = {name: rng.choice(kinds) for name, kinds in KINDS.items()}
        case["sex"] = rng.choice(("female", "male"))
        if seed == 3 and rng.random() < 0.02:
            case["sex"] = "other"
        if seed == 4:
            case["sex"] = "female"
        later = base - 0.3 * base - (case["age"] == "under_40") + rng.gauss(0, 1.5)
        cell = Cell(
            base=float(base),
            later=float(min(max(round(later), 0), 10)),
            duration=str(case["duration"]),
            age=str(case["age"]),
            sex=case["sex"],
            again=case["again"] == "True",
            count=rng.choice((1, 1, 1, 2, 3)),
        )
        features = frozenset(point for point in POINTS if rng.random() < 0.4)
        found.append(Treated(cell, features))
    return found


def dealt(seed):
    """The cells by who treated them."""
    rng = Random(-seed)
    people = [who for who, (number, _more) in PEOPLE.items() for _one in range(number)]
    found = {who: [] for who in PEOPLE}
    for treated in caseload(seed):
        who = rng.choice(people)
        cell = treated.cell
        found[who].append(replace(cell, later=cell.later + PEOPLE[who][1]))
    return found


def table_of(cells):
    """One row for each course: constant, baseline, and each kind of ten or more but
    the commonest.
    """
    import numpy as np

    singles = [cell for cell in cells for _each in range(cell.count)]
    names, columns = [], [np.ones(len(singles)), [cell.base for cell in singles]]
    for name, kinds in KINDS.items():
        found = {
            kind: [float(str(getattr(cell, name)) == kind) for cell in singles]
            for kind in kinds
        }
        found.pop(max(kinds, key=lambda kind, found=found: sum(found[kind])))
        for kind, column in found.items():
            if sum(column) >= 10:
                names.append(f"{name}_{kind}")
                columns.append(column)
    changes = [cell.later - cell.base for cell in singles]
    return ["base_", *names], np.column_stack(columns), np.array(changes)


def line_of(seed):
    from statsmodels.api import OLS

    names, table, changes = table_of([each.cell for each in caseload(seed)])
    fitted = OLS(changes, table).fit(cov_type="HC3", use_t=True)
    spans = fitted.conf_int().tolist()[1:]
    return {
        "constant": fitted.params[0],
        "terms": {
            name: [value, *span]
            for name, value, span in zip(names, fitted.params[1:], spans, strict=True)
        },
        "spread": float(fitted.mse_resid**0.5),
        "courses": len(changes),
    }


def people_of(seed):
    """What lies beyond the line through all, and the chance of that: with a column for
    this one person added, nothing taken to be robust.
    """
    import numpy as np
    from statsmodels.api import OLS

    by = dealt(seed)
    _names, table, changes = table_of([cell for cells in by.values() for cell in cells])
    left = OLS(changes, table).fit().resid
    whose = np.repeat(
        list(by), [sum(cell.count for cell in cells) for cells in by.values()]
    )
    found = {}
    for who in by:
        own = whose == who
        fitted = OLS(changes, np.column_stack([table, own.astype(float)])).fit()
        found[who] = [float(left[own].mean()), float(fitted.pvalues[-1])]
    return found


def compared(seed):
    import numpy as np
    from statsmodels.api import OLS
    from statsmodels.stats.multitest import multipletests

    courses = caseload(seed)
    _names, table, changes = table_of([each.cell for each in courses])
    features = [each.features for each in courses for _one in range(each.cell.count)]
    found = {}
    for point in POINTS:
        has = np.array([float(point in each) for each in features])
        fitted = OLS(changes, np.column_stack([table, has])).fit(
            cov_type="HC3", use_t=True
        )
        found[point] = [
            *(fitted.params[-1], *fitted.conf_int()[-1].tolist()),
            float(fitted.pvalues[-1]),
        ]
    chances = multipletests([row[-1] for row in found.values()], method="holm")[1]
    return {
        point: [*row[:-1], float(chance)]
        for (point, row), chance in zip(found.items(), chances, strict=True)
    }


def main():
    import scipy
    import statsmodels
    from scipy.stats import chi2
    from statsmodels.stats.multitest import multipletests

    found = {
        "judges": f"SciPy {scipy.__version__}, statsmodels {statsmodels.__version__}",
        "poisson": [
            [
                float(chi2.ppf((1 - level) / 2, 2 * events) / 2) if events else 0.0,
                float(chi2.ppf((1 + level) / 2, 2 * events + 2) / 2),
            ]
            for events, level in POISSON
        ],
        "holm": [multipletests(each, method="holm")[1].tolist() for each in HOLM],
        "lines": {str(seed): line_of(seed) for seed in SEEDS},
        "people": {str(seed): people_of(seed) for seed in SEEDS},
        "compared": {str(seed): compared(seed) for seed in SEEDS},
    }
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
