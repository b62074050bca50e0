"""Lets pytest prove the examples of articles: `pytest content/`, an item for each example.

An article belongs to the publication whose series.toml is nearest. It is collected where pytest
is asked for that publication or for something in it, and left alone where tests have it as data.

pytest loads it wherever Proofpress is installed, so all else it leaves as it is.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # a run of other tests needs none of this
    from press.model import Example, Manuscript, Proof
    from press.problems import Problem

BATCH = 50
"""Examples that are proven at once, at least; each batch costs the start of a sandbox."""


@dataclass(slots=True)
class Publication:
    """A publication in this run of pytest."""

    root: Path
    articles: "dict[str, Manuscript]"
    problems: "list[Problem]"
    """Those of reading it."""
    proofs: "dict[str, Proof]" = field(default_factory=dict)
    """So far, by the place of the example."""
    collected: int = 0
    """Articles so far."""


PUBLICATIONS = pytest.StashKey[dict[Path, Publication]]()


class Failed(Exception):
    """An example or article with something to mend; its text says all that there is to say."""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ArticleFile | None":
    if file_path.suffix != ".md":
        return None
    root = _root(file_path)
    if root is None or not any(one.is_relative_to(root) for one in _asked(parent.config)):
        return None
    path = file_path.relative_to(root).as_posix()
    if not _is_article(path):
        return None
    node: ArticleFile = ArticleFile.from_parent(parent, path=file_path)
    node.place = path
    node.publication = _publication(parent.config, root)
    return node


class ArticleFile(pytest.File):
    """An article: an item for each of its examples, and one for what else is wrong with it."""

    place: str
    """Its path from the publication's folder."""
    publication: Publication

    def collect(self) -> "Iterator[ExampleItem | ProblemsItem]":
        publication = self.publication
        problems = [one for one in publication.problems if one.path == self.place]
        if not publication.collected:  # with the first, what is wrong with no article
            problems += [one for one in publication.problems if not _is_article(one.path)]
        publication.collected += 1
        if problems:
            yield ProblemsItem.from_parent(self, name="problems", problems=problems)
        article = publication.articles.get(self.place)
        if article is None or not self._is_wanted(article):
            return
        self.extra_keyword_matches.add(article.slug)
        for example in article.examples:
            name = f"{example.fence.language}:{example.fence.line}"
            yield ExampleItem.from_parent(self, name=name, example=example)

    def _is_wanted(self, article: "Manuscript") -> bool:
        """Whether it is published, or asked for by its name; as `build.py check` does."""
        from datetime import UTC, datetime

        from press import source

        own = self.path.parent if self.path.name == "index.md" else self.path
        asked = any(one.is_relative_to(own) for one in _asked(self.config))
        return asked or source.is_out(article, datetime.now(UTC))


class ProblemsItem(pytest.Item):
    """What is wrong with an article before any of its examples runs; it fails."""

    def __init__(self, problems: "Sequence[Problem]", **more: Any) -> None:
        super().__init__(**more)
        self.problems = problems

    def runtest(self) -> None:
        raise Failed("\n".join(f"{problem}" for problem in self.problems))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return _text(excinfo) or super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, max(self.problems[0].line - 1, 0), self.name


class ExampleItem(pytest.Item):
    """An example of an article."""

    parent: ArticleFile

    def __init__(self, example: "Example", **more: Any) -> None:
        super().__init__(**more)
        self.example = example

    def runtest(self) -> None:
        from press import prove, report

        publication = self.parent.publication
        if self.example.where not in publication.proofs:
            _prove(publication, _batch(self))
        proof = publication.proofs[self.example.where]
        for problem in prove.problems([proof]):
            raise Failed(f"{problem}")
        for line in report.not_proven([proof]):
            reason = line.removeprefix(f"{self.example.where}: ")
            raise pytest.skip.Exception(reason, _use_item_location=True)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return _text(excinfo) or super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.example.fence.line - 1, self.name


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say of a weak sandbox that it is one, as `build.py check` does."""
    proofs = [
        proof
        for one in config.stash.get(PUBLICATIONS, {}).values()
        for proof in one.proofs.values()
    ]
    if proofs:
        from press import report

        for line in report.warnings(proofs):
            terminalreporter.write_line(line)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give whole articles to workers where only articles are asked for, to prove each at once."""
    asked = _asked(config)
    if config.getoption("dist") != "load" or not all(_is_within_content(one) for one in asked):
        return None
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)


def _is_within_content(path: Path) -> bool:
    root = _root(path)
    return root is not None and path.is_relative_to(root / "content")


def _asked(config: pytest.Config) -> Iterable[Path]:
    """The files and folders that pytest is asked for."""
    folder = config.invocation_params.dir
    return [Path(os.path.abspath(folder / one.partition("::")[0])) for one in config.args]  # noqa: PTH100


def _root(path: Path) -> Path | None:
    """The folder of the nearest series.toml upward."""
    return next((one for one in path.parents if (one / "series.toml").is_file()), None)


def _is_article(path: str) -> bool:
    """Whether the press takes a file for an article; the path is from the publication's folder."""
    folder, _, name = path.partition("/")
    first, _, rest = name.partition("/")
    is_file = first.endswith(".md") and not rest
    return folder == "content" and first[:1] not in (".", "_") and (is_file or rest == "index.md")


def _publication(config: pytest.Config, root: Path) -> Publication:
    """The publication of a folder, read once in each run."""
    known = config.stash.setdefault(PUBLICATIONS, {})
    if root not in known:
        from press import config as settings
        from press import series

        read, problems = settings.read(root)
        articles, _, more = series.read(root, read)
        known[root] = Publication(root, {one.path: one for one in articles}, problems + more)
    return known[root]


def _batch(item: ExampleItem) -> "list[Example]":
    """The examples to prove with this one: those of its article, and of articles after it.

    With xdist only those of its article: which others this worker will be given is not known.
    """
    publication = item.parent.publication
    alone = hasattr(item.config, "workerinput")
    batch: list[Example] = []
    items = [one for one in item.session.items if isinstance(one, ExampleItem)]
    for one in items[items.index(item) :]:
        is_other = one.parent is not item.parent
        if is_other and (alone or one.parent.publication is not publication):
            continue
        if is_other and len(batch) >= BATCH and one.example.article != batch[-1].article:
            break
        batch.append(one.example)
    return batch


def _prove(publication: Publication, examples: "Sequence[Example]") -> None:
    from press import pipeline, prove

    # The workers of xdist share the processors.
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    workers = max((os.cpu_count() or 1) // count, 1)
    workshop = pipeline.workshop_of(publication.root)
    for proof in prove.prove(examples, workshop, workers=workers):
        publication.proofs[proof.example.where] = proof


def _text(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    """What to say of a failure that is the author's matter and none of ours."""
    from press.problems import ProblemsFound

    return str(excinfo.value) if isinstance(excinfo.value, (Failed, ProblemsFound)) else ""
