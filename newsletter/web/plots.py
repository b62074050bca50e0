"""Numbers -> plots, as SVG that stands in a page. Pure.

What they show is in a table beside them as well. Colours are the page's own, for light and dark;
there is no style in them, which the policy of our pages would refuse.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from html import escape

WIDTH, HEIGHT = 640, 220
LEFT, TOP, BOTTOM = 4, 22, 24
ROW, BAR = 46, 14
LONGEST = 60
"""Characters of a label."""

LOOKS: Sequence[str] = (
    'fill="var(--quiet)" fill-opacity="0.55"',
    'fill="var(--link)"',
    'fill="currentColor"',
    'fill="none" stroke="currentColor" stroke-dasharray="3 2"',
    'fill="none" stroke="var(--link)"',
)
"""Of the parts of a bar, in their order: each can be told from the others without its colour."""


def line(title: str, about: str, points: Sequence[tuple[str, int]]) -> str:
    """A number that stays what it is until another day; days are ISO 8601, in their order.

    Empty where there is no day. `about` says in words what is seen.
    """
    if not points:
        return ""
    days = [date.fromisoformat(day).toordinal() for day, _ in points]
    most = max(1, *(value for _, value in points))
    span = max(days[-1] - days[0], 1)
    width, height = WIDTH - 2 * LEFT, HEIGHT - TOP - BOTTOM
    at = [
        (LEFT + width * (day - days[0]) / span, TOP + height * (1 - max(value, 0) / most))
        for day, (_, value) in zip(days, points, strict=True)
    ]
    path = " ".join(_steps(at))
    floor = HEIGHT - BOTTOM
    content = [
        f'<path d="{path} V{floor} H{LEFT} Z" fill="var(--link)" fill-opacity="0.12"/>',
        f'<path d="{path}" fill="none" stroke="var(--link)" stroke-width="2"/>',
        f'<path d="M{LEFT} {floor} H{WIDTH - LEFT}" stroke="currentColor" stroke-opacity="0.5"/>',
        _text(LEFT, TOP - 8, f"{most:,}"),
        _text(LEFT, HEIGHT - 6, points[0][0]),
        _text(WIDTH - LEFT, HEIGHT - 6, points[-1][0], end=True),
    ]
    return _picture("line", HEIGHT, title, about, content)


def _steps(at: Sequence[tuple[float, float]]) -> Iterator[str]:
    first, *others = at
    yield f"M{first[0]:.1f} {first[1]:.1f}"
    for x, y in others:
        yield f"H{x:.1f} V{y:.1f}"
    yield f"H{WIDTH - LEFT}"


def bars(
    title: str, about: str, parts: Mapping[str, str], rows: Sequence[tuple[str, Mapping[str, int]]]
) -> str:
    """A bar for each row, of its parts in their order; `parts` has a word for each of them."""
    if not rows:
        return ""
    most = max(1, *(sum(counts.get(part, 0) for part in parts) for _, counts in rows))
    content: list[str] = []
    for number, (label, counts) in enumerate(rows):
        top = 4 + number * ROW
        content.append(_text(LEFT, top + 14, _short(label)))
        content += _bar(top + 20, [counts.get(part, 0) for part in parts], most)
    foot = 4 + len(rows) * ROW
    return _picture("bars", foot + 30, title, about, [*content, *_legend(foot, parts)])


def _bar(top: int, counts: Sequence[int], most: int) -> Iterator[str]:
    """What is there can be seen, however little it is."""
    x, width = float(LEFT), WIDTH - 2 * LEFT - 4 * len(counts)
    for count, look in zip(counts, LOOKS, strict=False):
        if count > 0:
            wide = max(width * count / most, 3.0)
            yield f'<rect x="{x:.1f}" y="{top}" width="{wide:.1f}" height="{BAR}" {look}/>'
            x += wide + 1


def _legend(top: int, parts: Mapping[str, str]) -> Iterator[str]:
    for number, (word, look) in enumerate(zip(parts.values(), LOOKS, strict=False)):
        x = LEFT + number * WIDTH // len(parts)
        yield f'<rect x="{x}" y="{top + 8}" width="{BAR}" height="{BAR}" {look}/>'
        yield _text(x + BAR + 6, top + 20, _short(word))


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"


def _text(x: int, y: int, said: str, *, end: bool = False) -> str:
    anchor = ' text-anchor="end"' if end else ""
    return f'<text x="{x}" y="{y}" font-size="13" fill="currentColor"{anchor}>{escape(said)}</text>'


def _picture(name: str, height: int, title: str, about: str, content: Sequence[str]) -> str:
    """One picture to whoever does not see it, with a name and a description (WAI-ARIA, SVG 2)."""
    ids = f"plot:{name}:title", f"plot:{name}:desc"
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="100%" '
        f'font-family="inherit" role="img" aria-labelledby="{" ".join(ids)}">'
    )
    named = [
        f'<title id="{ids[0]}">{escape(title)}</title>',
        f'<desc id="{ids[1]}">{escape(about)}</desc>',
    ]
    return "\n".join([start, *named, *content, "</svg>"])
