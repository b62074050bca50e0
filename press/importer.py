"""Brings the posts of another tool's blog into `content/`; nothing that is there is changed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from press import config, importing, series
from press.importing.post import Hand
from press.importing.taking import Import, take
from press.model import Manuscript
from press.problems import Code, Problem, ProblemsFound
from press.source import FOLDER

ASIDE = f"{FOLDER}/.importing"


@dataclass(frozen=True, slots=True)
class Report:
    """What an import has done, or would do."""

    tool: str
    done: Import

    @property
    def hands(self) -> tuple[Hand, ...]:
        return self.done.hands


def plan(root: Path, blog: Path, tool: str | None, now: datetime) -> Report:
    """What importing a blog would bring. Raises ProblemsFound; nothing is written."""
    if not blog.is_dir():
        message = "there is no such folder"
        raise ProblemsFound([Problem(str(blog), 0, 0, Code.BAD_INPUT, message)])
    settings = config.load(root)
    known: list[Manuscript] = []
    if (root / FOLDER).exists():
        known, _, problems = series.read(root, settings)
        if problems:
            raise ProblemsFound(problems)
    tool = tool or importing.find(blog)
    with _reported():
        return Report(tool, take(importing.tool(tool).read(blog), settings, root, known, now))


def write(root: Path, report: Report) -> None:
    """Write what an import brings: each article as a whole, so that one cut off can go on."""
    with _reported():
        aside = root / ASIDE
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        for one in report.done.articles:
            name = one.article.path
            (aside / name).parent.mkdir(exist_ok=True)
            (aside / name).write_bytes(one.content)
            for file, place in one.files.items():
                target = (aside / name).parent / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(place, target)
        for place in sorted(aside.iterdir()):
            place.rename(root / FOLDER / place.name)
        aside.rmdir()


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"can't carry this over: {error.strerror}"
        where = str(error.filename or FOLDER)
        raise ProblemsFound([Problem(where, 0, 0, Code.UNREADABLE, message)]) from None


def lines(report: Report) -> Iterator[str]:
    """A line for each article, one for each thing that needs a hand, and their number."""
    drafts = 0
    for one in report.done.articles:
        drafts += one.article.is_draft
        draft = "  (draft)" if one.article.is_draft else ""
        draft = "  (aside)" if one.article.name.startswith("_") else draft
        yield f"{one.article.post.path} -> {FOLDER}/{one.article.path}{draft}"
    for path in report.done.there:
        yield f"{path} is there already"
    if report.hands:
        yield ""
        yield from map(str, report.hands)
    count, hands = len(report.done.articles), len(report.hands)
    as_drafts = f", {drafts} of them as drafts" if drafts else ""
    yield ""
    yield (
        f"{count} {'article' if count == 1 else 'articles'} of {report.tool}{as_drafts}; "
        f"{hands} {'place needs' if hands == 1 else 'places need'} a hand"
    )
