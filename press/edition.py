"""What a build is asked for, and what comes of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from press import making, output, prove
from press.model import (
    Article,
    Example,
    Fragment,
    Manuscript,
    Mark,
    OutputFile,
    Proof,
    Published,
    Site,
)
from press.problems import Problem
from press.progress import Stages
from press.results import Result
from press.survey import Stamp
from press.tasks import content_of


class Edition(Struct, frozen=True):
    """All that a build makes, checked and not yet written."""

    site: Site
    marks: tuple[Mark, ...]
    """Of its examples."""
    results: tuple[Result, ...]
    ledge: Mapping[str, bytes | Path]
    """Path -> content, of what was made now."""
    index: OutputFile
    """The manifest, written last."""
    held_back: tuple[Article, ...]
    """Drafts, and articles of the future."""
    warnings: tuple[str, ...] = ()
    """What it lacks, though nothing is wrong."""
    published: tuple[Published, ...] = ()
    """Its articles with their HTML, where all was made in this process."""
    why: Mapping[str, str] = field(default_factory=dict)
    """What was made again -> why."""

    @property
    def outputs(self) -> tuple[OutputFile, ...]:
        """All files but the manifest, where all was made now."""
        return tuple(OutputFile(one.path, content_of(self.ledge[one.path])) for one in self.results)


class Checked(Struct, frozen=True):
    """What a check has found."""

    articles: int
    proofs: tuple[Proof, ...]
    problems: tuple[Problem, ...]
    """Sorted, each once."""
    edition: Edition | None
    """What a build would write; None where there are problems."""
    fragments: Callable[[], Iterable[tuple[Manuscript, Fragment]]] = tuple
    """Gives what was rendered of it."""
    warnings: tuple[str, ...] = ()
    """What could not be told."""


Choose = Callable[[Callable[[str], Manuscript | None], Sequence[str]], Callable[[Example], bool]]
"""What gives an article by its path, and the paths of those that can't be read -> whether an
example is to be proven.

Raises ProblemsFound to stop a check before anything has run.
"""


class Wish(Struct, frozen=True):
    """What is asked for, besides a publication and a time."""

    drafts: bool = False
    """Whether what is not published yet is proven and rendered as if it were."""
    afresh: bool = False
    """Whether no proof of an earlier run is relied on."""
    complete: bool = False
    """Whether an example that nothing here can run is a problem."""
    alone: bool = False
    """Whether it starts no processes to share the work."""
    search: making.Search | None = None
    """What makes an index of the pages, if there is to be one."""
    prover: prove.Prover | None = None
    """Takes the place of `prove.prove`; what it tells is not kept."""
    stages: Stages = lambda _: lambda _done, _count: None
    """Is told what is done, and how far it is."""


WISH = Wish()


Early = Callable[[Path, prove.Prover], Mapping[str, bytes]]
"""A file that was saved -> the files of the site that its article makes; none where it is not told
by that alone."""


class Built(Struct, frozen=True):
    """What a build has done."""

    edition: Edition
    written: output.Written
    holds: bool
    """Whether the same would come of it as long as nothing changes."""
    stamps: Mapping[str, Stamp] | None
    """Of all files in the folder of the site after it; None where they are not known."""
    ahead: Early
    """Makes what an article brings to the site which was saved since, before the next build."""
