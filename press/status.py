"""How far each article has come, from a draft to all being told, and what publishing would do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import structs

from press import config, manifest, memory, output, results, series, source
from press.manifest import Manifest
from press.model import Manuscript
from press.problems import Problem, ProblemsFound
from press.root import cache_folder

Told = Callable[[Path], Mapping[str, Mapping[str, Any]] | None]
"""A publication -> article's id -> how many were told, by the ledger; None where there is none."""

DRAFT, SCHEDULED, MISSING, CHANGED, BUILT = "draft", "scheduled", "to be built", "changed", "built"
AT_ONCE = 8
"""Pages that are asked for."""


@dataclass(frozen=True, slots=True)
class Row:
    """How far an article has come."""

    number: int
    path: str
    id: str
    title: str
    date: str
    state: str
    """`draft`, `scheduled`, `to be built`, `changed` since it was built, or `built`."""
    live: bool | None = None
    """Whether its public page is the built one; None where nobody has looked."""
    why: str = ""
    """What is wrong with its public page."""
    told: Mapping[str, Any] | None = None
    """What the ledger counts; None where it knows nothing of it."""


@dataclass(frozen=True, slots=True)
class Status:
    """How far a publication has come."""

    rows: tuple[Row, ...]
    gone: tuple[str, ...]
    """Addresses of pages that the next build takes away."""
    has_ledger: bool
    problems: tuple[Problem, ...]
    """What could not be read."""

    @property
    def build(self) -> list[Row]:
        return [row for row in self.rows if row.state in (MISSING, CHANGED)]

    @property
    def announce(self) -> list[Row]:
        """What is out, and the ledger does not know."""
        out = (MISSING, CHANGED, BUILT)
        return [row for row in self.rows if self.has_ledger and row.state in out and not row.told]


def look(root: Path, now: datetime, told: Told, *, online: bool = False) -> Status:
    """Look at each article, at what is built and at the ledger; `online` at public pages too."""
    articles, _, problems = series.read(root, config.load(root))
    try:
        built: Manifest | None = manifest.load(root / output.FOLDER)
    except ProblemsFound:
        built = None
    try:
        counts = told(root)
    except ProblemsFound as error:
        counts, problems = None, [*problems, *error.problems]
    current = _current(root, built)
    rows = [_row(one, built, current, counts or {}, now) for one in articles]
    if online and built:
        rows = _seen(rows, built)
    out = {row.id for row in rows if row.state not in (DRAFT, SCHEDULED)}
    entries = built.articles if built else ()
    gone = tuple(entry.path for entry in entries if entry.id not in out)
    return Status(tuple(rows), gone, counts is not None, tuple(problems))


def _current(root: Path, built: Manifest | None) -> frozenset[str]:
    """The paths of articles whose page in the site was made of the text that they have now."""
    if not built:
        return frozenset()
    entries = {entry.path: entry for entry in source.entries(root)[0]}
    known = memory.some(cache_folder(root) / memory.KEPT, entries, results.KIND)
    return frozenset(
        path
        for path, record in known.items()
        if source.contents(source.read(entries[path], root)).items() <= record.inputs.items()
        and all(built.files.get(one.path) == one.digest for one in record.value)
    )


def _row(
    article: Manuscript,
    built: Manifest | None,
    current: frozenset[str],
    counts: Mapping[str, Mapping[str, Any]],
    now: datetime,
) -> Row:
    is_there = any(entry.id == article.id for entry in (built.articles if built else ()))
    state = MISSING
    if article.draft:
        state = DRAFT
    elif not source.is_out(article, now):
        state = SCHEDULED
    elif is_there:
        state = BUILT if article.path in current else CHANGED
    return Row(
        article.number, article.path, article.id, article.title, article.date.isoformat(), state,
        told=counts.get(article.id),
    )  # fmt: skip


def _seen(rows: Sequence[Row], built: Manifest) -> list[Row]:
    """The rows, with what their public pages show."""
    from dataclasses import replace

    from press import public

    entries, wire = {entry.id: entry for entry in built.articles}, public.wire()

    def see(row: Row) -> Row:
        entry = entries.get(row.id)
        if not entry or entry.path not in built.files:
            return row
        why = public.why_not(wire, entry.url, built.files[entry.path])
        return replace(row, live=not why, why=why)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(see, rows))


def text(status: Status) -> Iterator[str]:
    """A line for each article, and one for what publishing would do."""
    states = [_state(row) for row in status.rows]
    announced = [_announced(row, status) for row in status.rows]
    width = max([20, *map(len, states)])
    more = max(map(len, announced), default=0)
    for row, state, said in zip(status.rows, states, announced, strict=True):
        column = f"{said:{more}}  " if more else ""
        yield f"{row.number:03}  {state:{width}}  {column}{row.title}"
        if row.why:
            yield f"     {row.why}"
    yield ""
    yield f"the next publish would {_next(status)}"


def _state(row: Row) -> str:
    state = f"{SCHEDULED} {row.date[:10]}" if row.state == SCHEDULED else row.state
    return state if row.live is None else f"{state}, {'live' if row.live else 'not live'}"


def _announced(row: Row, status: Status) -> str:
    if not status.has_ledger or row.state in (DRAFT, SCHEDULED):
        return ""
    told = row.told
    if told is None:
        return "not announced"
    if told["baseline"] and not told["of"]:
        return "known before the first send"
    unknown = f", {told['unknown']:,} unknown" if told["unknown"] else ""
    return f"announced {told['accepted']:,} of {told['of']:,}{unknown}"


def _next(status: Status) -> str:
    parts = []
    if rows := status.build:
        parts.append(f"build {_some(rows)}")
    if status.gone:
        parts.append(f"take away {', '.join(status.gone)}")
    if rows := status.announce:
        parts.append(f"announce {_some(rows)}")
    return " and ".join(parts) or "change no article"


SHOWN = 10
"""Articles that are named one by one."""


def _some(rows: Sequence[Row]) -> str:
    if len(rows) > SHOWN:
        return f"{len(rows)} articles"
    return ", ".join(f"{row.number:03}" for row in rows)


def data(status: Status) -> dict[str, Any]:
    """The same as data."""
    return {
        "articles": [asdict(row) for row in status.rows],
        "next": {
            "build": [row.id for row in status.build],
            "take away": list(status.gone),
            "announce": [row.id for row in status.announce] if status.has_ledger else None,
        },
        "problems": [structs.asdict(one) for one in status.problems],
    }
