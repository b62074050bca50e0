"""The build, top to bottom. Everything is made before anything is written.

content/*.md -> Gist -> proofs -> Listed -> pages, feeds, manifest -> site/

Each output is made of inputs that have names. What was made of the same inputs before, and is
still in the site as it was left, is not made again (docs/decisions/0022).
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import overload

from press import (
    assets,
    cards,
    compressing,
    config,
    crew,
    digests,
    feeds,
    languages,
    links,
    machine,
    making,
    output,
    pages,
    prove,
    render,
    scaling,
    searching,
    series,
    survey,
    templating,
    words,
)
from press.articles import Articles
from press.desk import Desk, Shop
from press.memory import VERSION, Damaged, Memory
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
    Workshop,
)
from press.problems import Problem, ProblemsFound
from press.progress import Stages
from press.results import Result
from press.root import cache_folder
from press.tasks import Ledge, Tasks
from press.tools import Tools


@dataclass(frozen=True, slots=True)
class Edition:
    """All that a build makes, checked and not yet written."""

    site: Site
    marks: tuple[Mark, ...]
    """Of its examples."""
    results: tuple[Result, ...]
    ledge: Mapping[str, bytes | Path] = field(repr=False)
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
        return tuple(OutputFile(one.path, _content(self.ledge[one.path])) for one in self.results)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found."""

    articles: int
    proofs: tuple[Proof, ...]
    problems: tuple[Problem, ...]
    """Sorted, each once."""
    edition: Edition | None
    """What a build would write; None where there are problems."""
    fragments: tuple[tuple[Manuscript, Fragment], ...] = ()
    """What was rendered of it."""
    warnings: tuple[str, ...] = ()
    """What could not be told."""


Choose = Callable[[Sequence[Manuscript], Sequence[str]], Callable[[Example], bool]]
"""Articles, and the paths of those that can't be read -> whether an example is to be proven.

Raises ProblemsFound to stop a check before anything has run.
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, besides a publication and a time."""

    drafts: bool = False
    """Whether what is not published yet is proven and rendered as if it were."""
    afresh: bool = False
    """Whether no proof of an earlier run is relied on."""
    complete: bool = False
    """Whether an example that nothing here can run is a problem."""
    search: making.Search | None = None
    """What makes an index of the pages, if there is to be one."""
    prover: prove.Prover | None = None
    """Takes the place of `prove.prove`; what it tells is not kept."""
    stages: Stages = field(default=lambda _: lambda _done, _count: None)
    """Is told what is done, and how far it is."""


WISH = Wish()


def workshop_of(root: Path) -> Workshop:
    """Where the examples of a publication are proven."""
    return Workshop(cache_folder(root), root.absolute())


def make(root: Path, now: datetime, wish: Wish = WISH) -> Edition:
    """Prove and render a publication as of `now`, from nothing and in this process.

    Raises ProblemsFound with every problem.
    """
    checked = check(root, now, wish)
    if checked.edition is None:
        raise ProblemsFound(checked.problems)
    return checked.edition


def check(
    root: Path,
    now: datetime,
    wish: Wish = WISH,
    choose: Choose | None = None,
) -> Checked:
    """Prove and render a publication as of `now`, and say what is wrong with it.

    Only the examples that `choose` wants are proven.
    """
    run = _Run(root, now, wish, Memory(None), {})
    with run.team:
        edition = run.edition(choose or (lambda *_: lambda _: True))
    return Checked(
        len(run.articles.out),
        tuple(run.proofs),
        tuple(sorted(set(run.problems))),
        edition,
        tuple(run.fragments),
    )


def write(root: Path, edition: Edition) -> output.Written:
    """Bring `site/` to an edition. Raises ProblemsFound."""
    return output.write(root / output.FOLDER, edition.results, edition.ledge, edition.index, {})[0]


@dataclass(frozen=True, slots=True)
class Built:
    """What a build has done."""

    edition: Edition
    written: output.Written
    holds: bool
    """Whether the same would come of it as long as nothing changes."""


def build(
    root: Path,
    now: datetime,
    wish: Wish = WISH,
    site: Path | None = None,
    memory: Memory | None = None,
) -> Built:
    """Prove, render and write a publication as of `now`: as much of it as has changed.

    It is written to the folder `site`; `memory` has what it was made of. Raises ProblemsFound with
    every problem, and then leaves the site as it was.
    """
    site = site or root / output.FOLDER
    lock = cache_folder(root) / f"{site.parent.name}-{site.name}.lock"
    with output.alone(lock):
        memory = memory or Memory(cache_folder(root) / KEPT)
        try:
            return _build(root, now, wish, site, memory)
        except Damaged:
            memory.forget()
            return _build(root, now, wish, site, Memory(None))


KEPT = f"made-{VERSION}.sqlite"
"""The file of the cache that has what the site was made of."""


def _build(root: Path, now: datetime, wish: Wish, site: Path, memory: Memory) -> Built:
    known = memory.find(SITE)
    standing = output.standing(site, known.value if known else {})
    run = _Run(root, now, wish, memory, standing, site)
    with run.team:
        edition = None
        try:
            edition = run.edition()
        finally:
            if edition is None:
                memory.save()
        if edition is None:
            raise ProblemsFound(run.problems)
        written, left = output.write(site, edition.results, edition.ledge, edition.index, standing)
    memory.keep(SITE, {}, left)
    memory.save({*run.tasks.used, SITE}, run.articles.texts.values())
    _forget(run)
    holds = not any(gist.online for gist in run.articles.out)
    return Built(edition, written, holds)


SITE = "the site"
"""The name of the record of what a build has left in it."""


def _forget(run: "_Run") -> None:
    """Remove what is kept of what is no part of the publication any more."""
    shop, cache = run.shop, run.shop.workshop.cache
    out = [gist.article for gist in run.articles.out if gist.article]
    cards.forget(cache, shop.config, out, shop.fonts)
    scaling.forget({name for gist in run.articles.out for name in gist.images}, cache)
    if shop.config.compressed:
        compressing.forget((one.digest for one in run.tasks.results), cache)


class _Run:
    """One build or check."""

    def __init__(
        self,
        root: Path,
        now: datetime,
        wish: Wish,
        memory: Memory,
        standing: Mapping[str, str],
        site: Path | None = None,
    ) -> None:
        self.root, self.now, self.wish, self.site = root, now, wish, site
        self.problems: list[Problem] = []
        self.proofs: list[Proof] = []
        self.fragments: list[tuple[Manuscript, Fragment]] = []
        settings, problems = config.read(root)
        said, more = words.load(root, settings.language)
        workshop = workshop_of(root)
        self.tasks = Tasks(memory, standing, workshop.cache, settings.compressed)
        fonts, worse = _fonts(root, self.tasks)
        self.problems += problems + more + worse
        self.tools = Tools(workshop, memory, machine.digest(), self.tasks.used)
        folders = assets.template_folders(root)
        environment = render.environment(folders, said)
        self.templates = templating.of(
            environment, folders, memory, self.tasks.used, self.tasks.digests
        )
        self.shop = Shop(
            root,
            settings,
            said,
            languages.languages(),
            workshop,
            self.tools.version,
            not wish.afresh,
            self.templates,
            fonts,
            memory,
        )
        self.common = {
            "series.toml": digests.of(settings),
            "words": digests.of(words.contents(root, settings.language)),
            "Proofpress": machine.ours(),
        }
        look = survey.Look()
        self.articles = Articles(self.shop, self.tasks, self.tools, look, self.common)
        self.team = Team(self.shop, self.tasks.ledge, site)

    def edition(self, choose: Choose | None = None) -> Edition | None:
        """All that there is to write; None where there are problems."""
        self._read()
        static, problems = assets.read(self.root, self.shop.words, run=self.shop.config.run)
        self.problems += problems
        if choose:
            self.fragments = list(self._fragments())
        away, problems = self.articles.resolve(self._targets(static))
        self.problems += problems
        self._prove(choose)
        site = self._site()
        bound = self._bind(site, away)
        self.tasks.add(static)
        card = cards.of_series(self.tasks.cache, self.shop.config, self.shop.fonts)
        # An article `index` would have the same; that it can't have its page is told by that.
        self.tasks.add([card] if card.path not in {one.path for one in self.tasks.results} else [])
        indexed = self._index()
        frame = making.Frame(site, self.templates, self.common)
        self.problems += making.pages_of_site(self.tasks, frame, searchable=bool(indexed.files))
        self.tasks.add(indexed.files)
        self._tell(frame)
        making.singles(self.tasks, frame)
        if not self.problems:
            self.problems += making.faults(site, self.tasks.results, self._of_page)
        if self.problems:
            return None
        results = _without_doubles(self.tasks.results)
        return Edition(
            site,
            tuple(one for marks in self._marks() for one in marks if one),
            results,
            self.team.contents(),
            making.index(site, results),
            tuple(self.articles.held_back),
            tuple(filter(None, (self.shop.words.warning, indexed.warning))),
            tuple(bound),
            self.tasks.why,
        )

    def _read(self) -> None:
        todo, problems = self.articles.survey()
        self.problems += problems
        advance = self.wish.stages("reading")
        for done, _ in enumerate(self.articles.read(self.team.hands(len(todo)), todo), 1):
            advance(done, len(todo))
        self.problems += self.articles.sort(self.now, drafts=self.wish.drafts)

    def _fragments(self) -> Iterator[tuple[Manuscript, Fragment]]:
        for gist in self.articles.out:
            galley = self.team.desk.galleys[gist.path]
            if galley.manuscript and galley.fragment:
                yield galley.manuscript, galley.fragment

    def _targets(self, static: Sequence[OutputFile]) -> links.Targets:
        articles = self.articles
        out = [gist.article for gist in articles.out if gist.article]
        held_back = [*(one.path for one in articles.held_back), *articles.unparsed()]
        fixed = [pages.SERIES_PAGE, *pages.FIXED, *feeds.paths(out)]
        return links.Targets(
            {one.path: one for one in out},
            {gist.path: gist.ids for gist in articles.out},
            frozenset(held_back),
            frozenset([*fixed, *(file.path for file in static)]),
        )

    def _prove(self, choose: Choose | None) -> None:
        chosen = None
        if choose:
            manuscripts = [manuscript for manuscript, _ in self.fragments]
            chosen = choose(manuscripts, self.articles.unparsed())
        self.proofs = self.articles.prove(chosen, self.wish.stages("proving"), self.wish.prover)
        self.problems += prove.problems(self.proofs)
        if self.wish.complete:
            marks = [one for some in self._marks() for one in some if one]
            self.problems += prove.not_proven(marks, lambda path: self._manuscript(path).source)

    def _marks(self) -> Iterator[Sequence[Mark | None]]:
        return (self.articles.marks[gist.path] for gist in self.articles.out)

    def _site(self) -> Site:
        shop = self.shop
        held_back = self.articles.held_back
        coming = series.coming(held_back, self.now) if shop.config.coming else None
        return Site(shop.config, tuple(self.articles.listed()), shop.words, coming)

    def _bind(self, site: Site, away: Mapping[str, Mapping[str, str]]) -> list[Published]:
        templates = digests.of([self.templates.uses(name) for name in pages.OF_ARTICLE])
        orders = self.articles.orders(site.articles, list(pages.places(site)), away, templates)
        bound = []
        advance = self.wish.stages("making")
        making_all = self.articles.bind(self.team.hands(len(orders)), orders)
        for done, one in enumerate(making_all, 1):
            advance(done, len(orders))
            self.problems += one.problems
            if self.site is None:
                bound.append(one.published)
        return bound

    def _index(self) -> searching.Indexed:
        if not self.wish.search or self.problems:
            return searching.Indexed()
        contents = self.team.contents()
        found = []
        for gist in self.articles.out:
            path = gist.article.page if gist.article else ""
            found.append((path, contents.get(path) or (self.site or self.root) / path))
        return self.wish.search(_Pages(found), self.shop.workshop.cache)

    def _tell(self, frame: making.Frame) -> None:
        """Make the documents of feeds, by all hands if what these need can be read by them."""
        todo = dict(making.tellings(self.tasks, frame, self.articles.texts))
        hands = self.team.hands(0) if self.shop.memory.flush() else self.team.own
        asked = [(telling.format, telling) for telling, _ in todo.values()]
        advance = self.wish.stages("telling")
        for done, told in enumerate(hands.each("tell", asked), 1):
            advance(done, len(asked))
            self.tasks.keep(told.path, todo[told.path][1], told.results)

    def _manuscript(self, path: str) -> Manuscript:
        return self.articles.manuscript(path)

    def _of_page(self, page: str) -> Manuscript | None:
        for gist in self.articles.out:
            if gist.article and gist.article.page == page:
                return self._manuscript(gist.path)
        return None


def _fonts(root: Path, tasks: Tasks) -> tuple[cards.Fonts, list[Problem]]:
    """The fonts of cards; that a font is one is looked at once."""
    fonts, problems = cards.fonts(root)
    name, inputs = "fonts", {"fonts": fonts.digest}
    tasks.used.add(name)
    if fonts != cards.ours() and not problems and not tasks.memory.recall(name, inputs):
        problems = cards.faults(fonts)
        tasks.memory.keep(name, inputs, not problems)
    return (cards.ours() if problems else fonts), problems


class Team:
    """The desks of a build: one here, and more in processes of their own when there is much to
    do."""

    def __init__(self, shop: Shop, ledge: Ledge, site: Path | None) -> None:
        self._shop = shop
        self._aside = site / output.ASIDE.format(os.getpid()) if site else None
        self._crew: crew.Crew | None = None
        self.desk = Desk(shop, ledge)
        self.own: crew.Hands = crew.Alone(self.desk)

    def __enter__(self) -> "Team":
        return self

    def __exit__(self, *_: object) -> None:
        if self._crew:
            self._crew.stop()
        if self._aside:
            shutil.rmtree(self._aside, ignore_errors=True)

    def hands(self, count: int) -> crew.Hands:
        """Who does as much work."""
        processors = crew.processors()
        many = count >= crew.LEAST and processors > 1
        # Another thread may hold what a process that is forked from this one would wait for.
        if self._aside and not self._crew and many and threading.active_count() == 1:
            with output.problems(self._aside.parent):
                self._aside.mkdir(parents=True, exist_ok=True)
            self._crew = crew.Crew(self._desk, processors)
        return self._crew or self.own

    def _desk(self, number: int) -> Desk:
        assert self._aside  # noqa: S101  # there is no crew without
        folder = self._aside / str(number)
        folder.mkdir()
        return Desk(self._shop, Ledge(folder))

    def contents(self) -> Mapping[str, bytes | Path]:
        """Where everything is that was made."""
        contents = dict(self.desk.ledge.contents)
        for laid_by in self._crew.everywhere("laid_by") if self._crew else ():
            contents |= laid_by
        return contents


class _Pages(Sequence[OutputFile]):
    """Pages, each read when it is asked for."""

    def __init__(self, contents: Sequence[tuple[str, bytes | Path]]) -> None:
        self._contents = contents

    def __len__(self) -> int:
        return len(self._contents)

    @overload
    def __getitem__(self, index: int) -> OutputFile: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[OutputFile]: ...
    def __getitem__(self, index: int | slice) -> OutputFile | Sequence[OutputFile]:
        if isinstance(index, slice):
            return _Pages(self._contents[index])
        path, content = self._contents[index]
        return OutputFile(path, _content(content))


def _content(content: bytes | Path) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


def _without_doubles(results: Sequence[Result]) -> tuple[Result, ...]:
    """A compressed form gives way to a file of an author's that has its name."""
    taken = {one.path for one in results if not one.compressed}
    return tuple(one for one in results if not one.compressed or one.path not in taken)
