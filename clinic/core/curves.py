"""Plane geometry for the body figure: smooth curves, polygons, leader lines."""

from collections.abc import Iterable, Sequence

XY = tuple[float, float]
Bezier = tuple[XY, XY, XY, XY]


def smooth(points: Sequence[XY]) -> list[Bezier]:
    """A Catmull-Rom curve through `points`, as cubic Beziers; the ends run out free."""
    padded = [points[0], *points, points[-1]]
    return [
        (
            b,
            (b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6),
            (c[0] - (d[0] - b[0]) / 6, c[1] - (d[1] - b[1]) / 6),
            c,
        )
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]


def path(strokes: Iterable[Sequence[XY]], *, closed: bool = False) -> str:
    """SVG path data of smooth strokes joined end to end; each joint is a corner."""
    beziers = [bezier for stroke in strokes for bezier in smooth(stroke)]
    start = beziers[0][0]
    parts = [f"M{_number(start[0])} {_number(start[1])}"]
    for _, c1, c2, end in beziers:
        numbers = " ".join(_number(value) for xy in (c1, c2, end) for value in xy)
        parts.append(f"C{numbers}")
    return "".join(parts) + ("Z" if closed else "")


def straight_path(points: Sequence[XY], *, closed: bool = False) -> str:
    steps = "L".join(f"{_number(x)} {_number(y)}" for x, y in points)
    return f"M{steps}" + ("Z" if closed else "")


def flatten(strokes: Iterable[Sequence[XY]], steps: int = 8) -> list[XY]:
    """The polygon of a smooth outline, `steps` corners to each Bezier."""
    return [
        _at(bezier, step / steps)
        for stroke in strokes
        for bezier in smooth(stroke)
        for step in range(steps)
    ]


def crossings(y: float, polygon: Sequence[XY]) -> list[float]:
    """The x of every place where a polygon's edge crosses the height `y`."""
    return [
        x1 + (y - y1) / (y2 - y1) * (x2 - x1)
        for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True)
        if (y1 > y) != (y2 > y)
    ]


def inside(point: XY, polygon: Sequence[XY]) -> bool:
    x, y = point
    return sum(x < at for at in crossings(y, polygon)) % 2 == 1


def nearer_part(polygon: Sequence[XY], own: XY, other: XY) -> list[XY]:
    """The part of a convex polygon that lies nearer to `own` than to `other`."""

    def excess(xy: XY) -> float:
        to_own = (xy[0] - own[0]) ** 2 + (xy[1] - own[1]) ** 2
        to_other = (xy[0] - other[0]) ** 2 + (xy[1] - other[1]) ** 2
        return to_own - to_other

    kept: list[XY] = []
    for here, there in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        a, b = excess(here), excess(there)
        if a <= 0:
            kept.append(here)
        if a * b < 0:
            share = a / (a - b)
            kept.append(
                (
                    here[0] + share * (there[0] - here[0]),
                    here[1] + share * (there[1] - here[1]),
                )
            )
    return kept


def cross(a: XY, b: XY, c: XY, d: XY) -> bool:
    """Whether the segments a-b and c-d cross in their inner parts."""

    def turn(p: XY, q: XY, r: XY) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def _at(bezier: Bezier, t: float) -> XY:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return (
        sum(weight * xy[0] for weight, xy in zip(weights, bezier, strict=True)),
        sum(weight * xy[1] for weight, xy in zip(weights, bezier, strict=True)),
    )


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
