"""Where the labels of a figure stand: two columns, leader lines that do not cross."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from math import dist

from clinic.core.curves import XY, cross

TEXT_SIZE = 12.5  # units; 480 units are the height of a figure
LINE = 16.0  # least distance between the middles of two labels, in units
DOT_ROOM = 4.5  # a leader keeps this far from other points where it can, in units

Leader = tuple[XY, XY, XY]  # the point, the bend, the end: aslant first, then level


@dataclass(frozen=True)
class Label:
    text: str
    at: XY  # of the text's near end, at half its height
    anchor: str  # "start" in the right column, "end" in the left
    leader: Leader


def text_width(text: str) -> float:
    """Units that `text` takes at most; a Chinese character is a full square."""
    return TEXT_SIZE * sum(1.0 if ord(sign) > 0x2E7F else 0.62 for sign in text)


def set_column(
    items: Sequence[tuple[str, XY]],
    *,
    side: int,
    column_at: Callable[[int, float], float],
    room: tuple[float, float],
) -> list[Label]:
    """Labels for points, in the order given, set in one column beside the figure.

    Args:
        items: Text and place of each point.
        side: -1 for the column left of the figure, 1 for the one right of it.
        column_at: The x at which the column of a side stands at a height y.
        room: Top and bottom that labels must stay within.
    """
    dots = [dot for _, dot in items]
    order = sorted(range(len(items)), key=lambda i: (dots[i][1], -side * dots[i][0]))
    leaders = _leaders(order, dots, side, column_at, room)
    cost = _cost(leaders, dots)
    improved = True
    while improved:
        improved = False
        for i in range(len(order) - 1):
            swapped = [*order]
            swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
            candidate = _leaders(swapped, dots, side, column_at, room)
            if (lower := _cost(candidate, dots)) < cost - 1e-6:
                order, leaders, cost, improved = swapped, candidate, lower, True
    return [
        Label(
            text=text,
            at=(
                round(leaders[i][2][0] + side * 3, 1),
                round(leaders[i][2][1], 1),
            ),
            anchor="start" if side > 0 else "end",
            leader=leaders[i],
        )
        for i, (text, _) in enumerate(items)
    ]


def _leaders(
    order: Sequence[int],
    dots: Sequence[XY],
    side: int,
    column_at: Callable[[int, float], float],
    room: tuple[float, float],
) -> dict[int, Leader]:
    heights = spread([dots[i][1] for i in order], room)
    return {
        i: _leader(dots[i], (column_at(side, y), y), side)
        for i, y in zip(order, heights, strict=True)
    }


def _leader(dot: XY, end: XY, side: int) -> Leader:
    """From the dot at 45 degrees to the label's height, then level to the label."""
    reach = min(abs(end[1] - dot[1]), abs(end[0] - dot[0]))
    return dot, (dot[0] + side * reach, end[1]), end


def _cost(leaders: Mapping[int, Leader], dots: Sequence[XY]) -> float:
    """Fewest crossings first, then fewest points struck, then the least slant."""
    crossings = sum(
        cross(*one, *other)
        for a, b in combinations(leaders.values(), 2)
        for one, other in product(pairwise(a), pairwise(b))
    )
    struck = sum(
        _distance_to_line(dot, start, end) < DOT_ROOM
        for i, leader in leaders.items()
        for start, end in pairwise(leader)
        for j, dot in enumerate(dots)
        if i != j
    )
    slant = sum(abs(end[1] - dot[1]) for dot, _, end in leaders.values())
    return 1000 * crossings + 40 * struck + slant


def spread(wanted: Sequence[float], room: tuple[float, float]) -> list[float]:
    """Heights as near as possible to those wanted, in order and LINE apart."""
    blocks: list[tuple[float, int]] = []  # mean of (height - i * LINE), members
    for i, height in enumerate(wanted):
        mean, members = height - i * LINE, 1
        while blocks and blocks[-1][0] > mean:
            above, count = blocks.pop()
            mean = (above * count + mean * members) / (count + members)
            members += count
        blocks.append((mean, members))
    starts = [mean for mean, members in blocks for _ in range(members)]
    top = room[0]
    bottom = room[1] - (len(wanted) - 1) * LINE
    return [max(top, min(start, bottom)) + i * LINE for i, start in enumerate(starts)]


def _distance_to_line(dot: XY, start: XY, end: XY) -> float:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    if not length:
        return dist(dot, start)
    share = ((dot[0] - start[0]) * dx + (dot[1] - start[1]) * dy) / length
    share = max(0.0, min(1.0, share))
    return dist(dot, (start[0] + share * dx, start[1] + share * dy))
