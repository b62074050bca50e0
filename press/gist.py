"""One content file -> all that can be told of it alone: what it is, and the gist of it.

The gist is what the rest of a build needs to know of an article; it is kept from build to build.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from press import digests, faults, links, markup, pictures, reading, source
from press.config import Config
from press.images import Picture
from press.model import Article, Fragment, Heading, Language, Manuscript
from press.problems import Code, Problem
from press.source import ContentFile
from press.words import Words

Tool = tuple[str, str, tuple[str, ...], tuple[tuple[str, object], ...]]
"""What examples run with: a language, and the versions, packages and crates that they ask for."""


class Gist(Struct, frozen=True, omit_defaults=True):
    """What there is to know of a content file without its text."""

    path: str
    article: Article | None
    """None for a file that can't be parsed."""
    problems: tuple[Problem, ...] = ()
    """Those of parsing it."""
    faults: tuple[Problem, ...] = ()
    """What is wrong besides, if it is to be published."""
    is_lost: bool = False
    """Whether it can't be rendered at all."""
    headings: tuple[Heading, ...] = ()
    ids: frozenset[str] = frozenset()
    away: tuple[str, ...] = ()
    """Its links to elsewhere in the publication, as the author wrote them."""
    minutes: int = 0
    examples: int = 0
    tools: tuple[Tool, ...] = ()
    """What its examples run with."""
    images: tuple[str, ...] = ()
    """The files of the cache that have its images made smaller."""
    digest: str = ""
    """Of what other pages tell of it."""
    online: bool = False
    """Whether they may reach other hosts, so that what they did says nothing of the next time."""


class Galley(Struct, frozen=True):
    """A content file as it was read, with its gist."""

    gist: Gist
    manuscript: Manuscript | None = None
    fragment: Fragment | None = None
    shown: Mapping[str, Picture] = field(default_factory=dict)
    """Path in the site -> what there is to know of each image that it shows."""


def read(
    file: ContentFile, config: Config, said: Words, languages: Sequence[Language], cache: Path
) -> Galley:
    """A content file, parsed and rendered, with its gist."""
    manuscript, problems = source.parse(file, config, languages)
    if manuscript is None:
        return Galley(Gist(file.path, None, tuple(problems)))
    try:
        fragment = markup.render(manuscript, said)
    except RecursionError:
        message = "its lists or quotes are nested too deeply to render"
        deep = Problem(file.path, 0, 0, Code.BAD_INPUT, message)
        its = article(manuscript)
        lost = Gist(file.path, its, tuple(problems), (deep,), is_lost=True)
        return Galley(lost, manuscript)
    found = [*faults.find(manuscript, fragment), *links.check_own(manuscript, fragment)]
    shown, more = pictures.of(manuscript, fragment, cache)
    its, minutes = article(manuscript), reading.minutes(manuscript)
    count = len(manuscript.examples)
    gist = Gist(
        file.path,
        its,
        tuple(problems),
        tuple(found + more),
        False,
        fragment.headings,
        fragment.ids,
        tuple(href for href in fragment.links if links.leads_away(href, manuscript)),
        minutes,
        count,
        _tools(manuscript),
        tuple(name for picture in shown.values() for name in picture.kept_as),
        digests.of(its, fragment.headings, minutes, count),
        any(one.setting.online for one in manuscript.examples),
    )
    return Galley(gist, manuscript, fragment, shown)


def article(manuscript: Manuscript) -> Article:
    """What a manuscript says of its article, without its text."""
    return Article(**{name: getattr(manuscript, name) for name in Article.__struct_fields__})


def _tools(manuscript: Manuscript) -> tuple[Tool, ...]:
    found: list[Tool] = []
    for one in manuscript.examples:
        setting = one.setting
        crates = tuple(sorted(setting.crates.items()))
        tool = (one.fence.language, setting.requires_python, setting.packages, crates)
        if tool not in found:
            found.append(tool)
    return tuple(found)
