"""A build as a verb asks for it: not done again where nothing has changed; and what it says."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from press import unchanged
from press.recall import Said

if TYPE_CHECKING:  # where there is nothing to do, nothing of a build is loaded
    from press.memory import Memory
    from press.pipeline import Built

SITE = "site"


class Wish(NamedTuple):
    """What a verb asks for."""

    complete: bool = False
    """Whether an example that nothing here can run is a problem."""
    search: bool = False
    """Whether the pages are indexed."""
    explain: bool = False
    """Whether it says why each output was made again."""
    form: str = "text"
    """How it tells of it: text, or one of `press.reports`."""


class Done(NamedTuple):
    """What came of a build."""

    said: Said
    built: "Built | None"
    """What was built; None where nothing has changed. It takes long to be freed: who leaves at
    once keeps it until then."""


def memory(root: Path, wish: Wish) -> unchanged.Unchanged:
    how = f"{'whole' if wish.complete else 'partly'}-{'searched' if wish.search else 'plain'}"
    how += "" if wish.form == "text" else f"-{wish.form}"
    return unchanged.Unchanged(root, root / SITE, how)


def build(root: Path, now: datetime, wish: Wish) -> Done:
    """Build a publication's site. Raises ProblemsFound."""
    known = memory(root, wish)
    if said := known.recall(now):
        return Done(said, None)
    from press import report

    built = run(root, now, root / SITE, None, wish)
    known.keep(built, _said(wish.form, built, again=True), now)
    said = _said(wish.form, built)
    why = "".join(f"{line}\n" for line in report.why(built.edition.why)) if wish.explain else ""
    return Done(Said(why + said.output, said.errors), built)


def run(root: Path, now: datetime, site: Path, memory: "Memory | None", wish: Wish) -> "Built":
    """Build into a folder, while somebody may look on."""
    from press import pipeline, progress, searching

    with progress.stages() as stages:
        index = searching.index if wish.search else None
        asked = pipeline.Wish(complete=wish.complete, search=index, stages=stages)
        return pipeline.build(root, now, asked, site, memory)


def _said(form: str, built: "Built", *, again: bool = False) -> Said:
    """What to say of a build; or what would be said if it were done again."""
    from press import report

    if form == "text":
        return report.said(built, again=again)
    from press import reports

    told = reports.built(form, report.unchanged(built) if again else built)
    return Said(told.output, told.errors)
