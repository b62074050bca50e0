"""The check of a publication, of all or of what an author asks for; and accepting its outputs."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from press import accepting, pipeline, prove, source
from press.model import Example, Manuscript
from press.pipeline import Checked
from press.problems import Code, Problem, ProblemsFound
from press.progress import Stages
from press.root import FILE

GIT_SECONDS = 60
MOST_LINKS = 40
"""Links to links that are followed, as Linux does."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an author asks for."""

    places: tuple[str, ...] = ()
    """Content files, each with or without the line of an example: `content/000-a.md:12`."""
    since: str | None = None
    """A revision of git: what has changed since is proven."""
    drafts: bool = False
    afresh: bool = False


def check(root: Path, now: datetime, wanted: Wanted, stages: Stages) -> Checked:
    """Check a publication. Raises ProblemsFound where it is not clear what is asked for."""
    wish = pipeline.Wish(
        drafts=wanted.drafts or bool(wanted.places), afresh=wanted.afresh, stages=stages
    )
    return pipeline.check(root, now, wish, _choice(root, wanted))


def online(
    root: Path, now: datetime, wanted: Wanted, checked: Checked, progress: prove.Progress
) -> Checked:
    """What was checked, with what became known of the links that lead out of the site."""
    from press import __version__, asking, config, outside
    from press.root import cache_folder

    own = config.read(root)[0].url
    asker = asking.Asker(f"Proofpress/{__version__} (checks links of {own})")
    paths = {_place(root, text)[0] for text in wanted.places}
    found = outside.check(
        [one for one in checked.fragments() if not paths or one[0].path in paths],
        own,
        cache_folder(root) / "online.json",
        now,
        asker,
        progress,
    )
    problems = tuple(sorted({*checked.problems, *found.problems}))
    return replace(checked, problems=problems, warnings=(*checked.warnings, *found.not_known))


def update(root: Path, now: datetime, wanted: Wanted, stages: Stages) -> Iterator[str]:
    """Write the observed outputs into the `output` fences of what is asked for.

    Yields a line for each. Raises ProblemsFound at the end for those that can't be accepted, and
    for all else that is wrong.
    """
    checked = check(root, now, wanted, stages)
    differing = Code.EXAMPLE_OUTPUT_DIFFERS
    refused = [one for one in checked.problems if one.code is not differing]
    accepted = 0
    for line in accepting.accept(root, checked.proofs, pipeline.workshop_of(root), refused):
        accepted += 1
        yield line
    if refused:
        raise ProblemsFound(refused)
    if not accepted:
        yield "there is nothing to accept: each output is as it is shown"


Place = tuple[str, int | None]
"""A content file as the articles name it, and a line of it or None for all."""


def _choice(root: Path, wanted: Wanted) -> pipeline.Choose:
    """Which examples are asked for."""
    places = [_place(root, text) for text in wanted.places]
    places_of = _places(root) if wanted.since else {}
    changed = _changed(root, wanted.since, places_of) if wanted.since else None

    def is_chosen(example: Example) -> bool:
        if places and not any(_is_at(example, place) for place in places):
            return False
        path = example.article.path
        return changed is None or _is_of(changed, {path, *places_of.get(path, ())})

    def choose(
        article: Callable[[str], Manuscript | None], unparsed: Sequence[str]
    ) -> Callable[[Example], bool]:
        _refuse_what_is_not_there(article, unparsed, places)
        return is_chosen

    return choose


def _is_at(example: Example, place: Place) -> bool:
    """Whether a place means an example: any line from its fence to the end of its output does."""
    path, line = place
    end = (example.expected or example.fence).end
    return example.article.path == path and (line is None or example.fence.line <= line <= end)


def _place(root: Path, text: str) -> Place:
    match = re.fullmatch(r"(.+?):(\d{1,9})(?::\d+)?", text)
    name, line = (match[1], int(match[2])) if match else (text, None)
    # As text: a link in content/ is an article itself. And no name at all is an error here.
    path = Path(os.path.abspath(name))  # noqa: PTH100
    if not path.is_relative_to(root):
        path = Path(os.path.realpath(path.parent)) / path.name
    if os.path.isfile(path / "index.md"):  # noqa: PTH113
        path /= "index.md"
    inside = path.relative_to(root) if path.is_relative_to(root) else Path(name)
    return inside.as_posix(), line


def _refuse_what_is_not_there(
    article_of: Callable[[str], Manuscript | None],
    unparsed: Sequence[str],
    places: Sequence[Place],
) -> None:
    problems = []
    for place in places:
        path, line = place
        article = article_of(path)
        if article is None and path not in unparsed:
            message = "this is no article of the publication"
            problems.append(Problem(path, 0, 0, Code.UNREADABLE, message))
        elif article and line is not None and not any(_is_at(e, place) for e in article.examples):
            message = "there is no example at this line"
            problems.append(article.source.problem(Code.BAD_INPUT, line, 1, message))
    if problems:
        raise ProblemsFound(problems)


def _changed(root: Path, revision: str, places_of: Mapping[str, Set[str]]) -> set[str] | None:
    """The files that have changed since a revision; None where that may be any."""
    listed: set[str] = set()
    read = sorted({source.FOLDER, FILE, *(name for some in places_of.values() for name in some)})
    for command in (
        ["diff", "--name-only", "--relative", "-z", "--end-of-options", revision, "--", "."],
        # What git ignores as well: nothing tells whether it has changed.
        ["--literal-pathspecs", "ls-files", "--others", "-z", "--", *read],
    ):
        listed.update(name for name in _git(root, command).split("\0") if name)
    return None if FILE in listed else listed


def _places(root: Path) -> dict[str, set[str]]:
    """Content file -> what its article is made of besides, where links lead to that.

    Each place is a path from the publication's folder: a link, or what it leads to.
    """
    found: dict[str, set[str]] = {}
    top = Path(os.path.realpath(root))
    for entry in source.entries(top)[0]:
        inside = entry.place.rglob("*") if entry.is_folder else ()
        ways = {way for path in (entry.place, *inside) for way in _ways(path, top)}
        found[entry.path] = {way.relative_to(top).as_posix() for way in ways}
    return found


def _ways(path: Path, root: Path) -> Iterator[Path]:
    """Each link by which a file of a publication is reached, and where that leads to."""
    for _ in range(MOST_LINKS):
        parts = [one for one in (*reversed(path.parents), path) if root in one.parents]
        link = next((one for one in parts if one.is_symlink()), None)
        if link is None:
            return
        yield link
        path = Path(os.path.normpath(link.parent / link.readlink() / path.relative_to(link)))
        if root in path.parents:
            yield path


def _git(root: Path, command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            ["git", *command], cwd=root, capture_output=True, check=True, timeout=GIT_SECONDS
        )
    except FileNotFoundError:
        said = "git is not installed"
    except subprocess.TimeoutExpired:
        said = f"git was still running after {GIT_SECONDS} seconds"
    except subprocess.CalledProcessError as error:
        said = (error.stderr.decode(errors="replace").strip().splitlines() or ["git failed"])[0]
    else:
        return done.stdout.decode(errors="surrogateescape")
    raise ProblemsFound([Problem("--since", 0, 0, Code.BAD_INPUT, f"can't tell: {said}")])


def _is_of(changed: Set[str], places: Set[str]) -> bool:
    """Whether what has changed is among the places of an article, or lies in a folder of it."""
    folders = {one.removesuffix("index.md") for one in places if one.endswith("/index.md")}
    return not places.isdisjoint(changed) or any(
        name.startswith(tuple(folders)) for name in changed
    )
