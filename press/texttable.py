"""A table as text: in columns where it fits between the margins, else each row as a list."""

from collections.abc import Sequence

from press.folding import columns, fold

BETWEEN = "  "


def table(rows: Sequence[Sequence[str]], width: int, *, headed: bool) -> list[str]:
    """The lines of a table of texts; the first row has the columns' names if it is `headed`."""
    if not rows:
        return []
    count = max(map(len, rows))
    whole = [[*row, *[""] * (count - len(row))] for row in rows]
    widths = [max(columns(row[n]) for row in whole) for n in range(count)]
    if sum(widths) + len(BETWEEN) * (count - 1) <= width:
        return _columns(whole, widths, headed=headed)
    return _records(whole, width, headed=headed)


def _columns(rows: Sequence[Sequence[str]], widths: Sequence[int], *, headed: bool) -> list[str]:
    lines = [
        BETWEEN.join(
            cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
    ruled = BETWEEN.join("-" * width for width in widths)
    return [lines[0], ruled, *lines[1:]] if headed else lines


def _records(rows: Sequence[Sequence[str]], width: int, *, headed: bool) -> list[str]:
    """Each row as an item: its cells with the names of their columns."""
    names, body = (rows[0], rows[1:]) if headed else ([""] * len(rows[0]), rows)
    lines: list[str] = []
    for row in body:
        mark = "- "
        for name, cell in zip(names, row, strict=True):
            if cell:
                said = f"{name}: {cell}" if name else cell
                first, *more = fold(said, max(width - 4, 24))
                lines += [mark + first, *("    " + line for line in more)]
                mark = "  "
    return lines
