"""A result -> its tables, for the terminal and the README: from what is kept, and nothing else."""

import re
from collections.abc import Iterable, Sequence

from contest.aims import AIMS, OURS, PEERS, floor, median, ratios
from contest.results import Result

BEGIN, END = "<!-- bench:peers -->", "<!-- /bench:peers -->"

COSTS = (
    ("first build", "first", "wall"),
    ("the same, CPU seconds", "first", "cpu"),
    ("one article changed", "changed", "wall"),
    ("one article added", "added", "wall"),
    ("nothing changed", "nothing", "wall"),
    ("memory of a first build, MiB", "memory", "memory"),
)
"""What a row is called, and which medians it has."""

Row = Sequence[str]


def tables(result: Result) -> str:
    """All that a reader is shown of a result, as Markdown."""
    parts = [_introduction(result), _costs(result), _aims(result)]
    if result.get("scale"):
        parts.append(_scale(result["scale"]))
    return "\n\n".join(parts) + "\n"


def within(text: str, result: Result) -> str:
    """A document with the tables of a result between its two marks."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"there is no {BEGIN} with its end")
    return pattern.sub(lambda _: f"{BEGIN}\n{tables(result)}{END}", text)


def number(value: float | None) -> str:
    """With three digits or all before the point, whichever is more."""
    if value is None:
        return "–"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:,.{digits}f}"


def _introduction(result: Result) -> str:
    machine = result["machine"]
    missing = [f"{name} is missing: {why}" for name, why in result["missing"].items()]
    said = (
        f"{result['articles']:,} articles; seconds, unless said otherwise: medians of "
        f"{result['rounds']} round{'' if result['rounds'] == 1 else 's'} on {machine['cores']} "
        f"cores of {machine['processor']}, Python {machine['python']}"
        f"{' as the system has it' if machine['python_of_system'] else ''}."
    )
    return "\n\n".join([said, *(" ".join(line.split())[:300] for line in missing)])


def _costs(result: Result) -> str:
    names = [name for name in (OURS, *PEERS) if name in result["tools"]]
    rows = [["", *(_versioned(result, name) for name in names), "floor"]]
    for what, scenario, key in COSTS:
        row = [number(median(result, name, scenario, key)) for name in names]
        rows.append([what, *row, number(floor(result, scenario) if key == "wall" else None)])
    for what, key in (("files written", "files"), ("MiB written", "mebibytes")):
        rows.append([what, *(number(result["tools"][name]["made"][key]) for name in names), "–"])
    return _table(rows)


def _aims(result: Result) -> str:
    measured = ratios(result)
    rows = [["ratio", "measured", "aim", "met"]]
    for aim in AIMS:
        ratio = measured.get(aim.key)
        met = "not measured" if ratio is None else "yes" if aim.met(ratio) else "no"
        what = _with_versions(result, aim.what)
        rows.append([what, number(ratio), f"{aim.comparison} {aim.limit:g}", met])
    return _table(rows)


def _scale(scale: Result) -> str:
    rows = [["articles", "first build", "ms an article", "memory, MiB", "changed", "nothing"]]
    for count, found in scale.items():
        medians = found["medians"]
        first = medians["first"]["wall"]
        costs = [first, 1000 * first / int(count), medians["memory"]["memory"]]
        costs += [medians[scenario]["wall"] for scenario in ("changed", "nothing")]
        rows.append([f"{int(count):,}", *map(number, costs)])
    return _table(rows)


def _versioned(result: Result, name: str) -> str:
    return f"{name} {result['tools'][name]['version'].split()[0]}"


def _with_versions(result: Result, text: str) -> str:
    for name in set(PEERS) & set(result["tools"]):
        text = text.replace(name, _versioned(result, name))
    return text


def _table(rows: Iterable[Row]) -> str:
    """Markdown whose columns stand below one another in a terminal as well."""
    head, *body = rows
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(row, widths) for row in (head, rule, *body))


def _line(row: Row, widths: Sequence[int]) -> str:
    first, *others = row
    cells = [first.ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
    return f"| {' | '.join(cells)} |"
