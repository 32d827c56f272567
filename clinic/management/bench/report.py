"""The figures of a run as tables, to be read here or put into a document."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from clinic.management.bench.measure import Result, Times

PAGES = (
    *("operation", "bare SQL", "floor", "p95", "page", "p95", "times the floor"),
    *("floor, CPU", "page, CPU", "times the floor", "target", "queries", "bytes"),
)
BESIDE = ("median", "p95", "times p95 alone")
PURE = ("alone", "median", "p95", "of it CPU", "target")


def p95(times: Sequence[float]) -> float:
    return sorted(times)[min(int(len(times) * 0.95), len(times) - 1)]


def page_row(found: Result) -> tuple[str, ...]:
    """Milliseconds by the clock, then of this process; bytes beside the floor’s."""
    times = (found.bare, found.thin, found.page)
    bare, thin, page = (median(each.wall) for each in times)
    _, thin_cpu, page_cpu = (median(each.cpu) for each in times)
    target = found.operation.most
    return (
        found.operation.name,
        f"{bare:.2f}",
        f"{thin:.1f}",
        f"{p95(found.thin.wall):.1f}",
        f"{page:.1f}",
        f"{p95(found.page.wall):.1f}",
        f"{page / thin:.1f}",
        f"{thin_cpu:.1f}",
        f"{page_cpu:.1f}",
        f"{page_cpu / thin_cpu:.1f}",
        f"{target:g}" if target else "–",
        str(found.queries),
        _bytes(found),
    )


def _bytes(found: Result) -> str:
    if not found.thin_bytes:
        return "–"
    return f"{found.bytes / found.thin_bytes:.1f} times"


def beside_rows(found: Iterable[tuple[str, Times]]) -> Iterator[tuple[str, ...]]:
    """The first is alone; the others say how many times as long they took."""
    alone = 0.0
    for name, times in found:
        alone = alone or p95(times.wall)
        yield *_taken(name, times), f"{p95(times.wall) / alone:.1f}"


def _taken(name: str, times: Times) -> tuple[str, str, str]:
    return name, f"{median(times.wall):.1f}", f"{p95(times.wall):.1f}"


def pure_row(name: str, times: Times, target: float) -> tuple[str, ...]:
    return (
        *_taken(name, times),
        f"{median(times.cpu):.1f}",
        f"under {target:g}",
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Line by line, as soon as each is known."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
