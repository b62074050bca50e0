"""One build or check, step by step. Everything is made before anything is written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import overload

from press import (
    assets,
    cards,
    channels,
    config,
    digests,
    feeds,
    head,
    highlight,
    languages,
    links,
    machine,
    making,
    memory,
    pages,
    prove,
    render,
    searching,
    series,
    survey,
    templating,
    words,
)
from press.articles import Articles
from press.desk import Shop
from press.edition import Choose, Edition, Wish
from press.memory import Memory
from press.model import (
    Fragment,
    Manuscript,
    Mark,
    OutputFile,
    Proof,
    Site,
    Workshop,
)
from press.output import Found
from press.problems import Problem
from press.results import Result
from press.root import cache_folder
from press.tasks import Ledge, Tasks, content_of
from press.team import Team
from press.tools import Tools


def workshop_of(root: Path) -> Workshop:
    """Where the examples of a publication are proven."""
    return Workshop(cache_folder(root), root.absolute())


class Run:
    """One build or check."""

    def __init__(
        self,
        root: Path,
        now: datetime,
        wish: Wish,
        memory: Memory,
        found: Found,
        ours: str,
        site: Path | None = None,
        *,
        keeps: bool = True,
    ) -> None:
        self.root, self.now, self.wish, self.site = root, now, wish, site
        self.problems: list[Problem] = []
        self.proofs: list[Proof] = []
        self.targets = links.NONE
        settings, problems = config.read(root)
        said, more = words.load(root, settings.language)
        workshop = workshop_of(root)
        ledge = Ledge(keeps=keeps)
        self.tasks = Tasks(memory, found, workshop.cache, settings, ledge)
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
            site,
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
            "Proofpress": ours,
        }
        look = survey.Look()
        self.articles = Articles(self.shop, self.tasks, self.tools, look, self.common)
        self.team = Team(self.shop, self.tasks.ledge, site, alone=wish.alone)

    def edition(self, choose: Choose | None = None) -> Edition | None:
        """All that there is to write; None where there are problems."""
        self._read()
        shop = self.shop
        static, problems = assets.read(self.root, shop.words, self._colours(), run=shop.config.run)
        self.problems += problems
        self.targets = self._targets(static)
        away, problems = self.articles.resolve(self.targets)
        self.problems += problems
        self._prove(choose)
        site = self._site()
        self._bind(site, away)
        self.tasks.add(static)
        self._card()
        indexed = self._index()
        frame = making.Frame(site, self.templates, self.common)
        every = channels.channels(site)
        documents = list(feeds.documents(every))
        telling = self._tell(frame, documents)
        self.problems += making.pages_of_site(self.tasks, frame, searchable=bool(indexed.files))
        self.tasks.add(indexed.files)
        telling()
        self.team.rest()
        making.singles(self.tasks, frame, every, documents)
        if not self.problems:
            self.problems += making.faults(site, self.tasks, self._of_page)
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
            tuple(self.team.desk.published or ()),
            self.tasks.why,
        )

    def _read(self) -> None:
        todo, problems = self.articles.survey()
        self.problems += problems
        advance = self.wish.stages("reading")
        for done, _ in enumerate(self.articles.read(self.team.hands(len(todo)), todo), 1):
            advance(done, len(todo))
        self.problems += self.articles.sort(self.now, drafts=self.wish.drafts)

    def _colours(self) -> str:
        """The stylesheet of code: to make it loads styles of Pygments."""
        name, inputs = "colours of code", {"Proofpress": self.common["Proofpress"]}
        self.tasks.used.add(name)
        known = self.shop.memory.recall(name, inputs, memory.TEXT)
        if known is None:
            known = highlight.stylesheet()
            self.shop.memory.keep(name, inputs, known)
        return known

    def fragments(self) -> Iterator[tuple[Manuscript, Fragment]]:
        """All that is out, as it was rendered."""
        for gist in self.articles.out:
            galley = self.team.desk.galley(self.articles.entries[gist.path])
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
            out = {gist.path for gist in self.articles.out}
            chosen = choose(
                lambda path: self._manuscript(path) if path in out else None,
                self.articles.unparsed(),
            )
        self.proofs = self.articles.prove(
            chosen, self.wish.stages("proving"), self.wish.prover, self._manuscript
        )
        self.problems += prove.problems(self.proofs)
        if self.wish.complete:
            marks = [one for some in self._marks() for one in some if one]
            self.problems += prove.not_proven(marks, lambda path: self._manuscript(path).source)

    def _manuscript(self, path: str) -> Manuscript:
        """As it was read here; by another process, or by another build, it is read again."""
        galley = self.team.desk.galleys.get(path)
        return (galley and galley.manuscript) or self.articles.manuscript(path)

    def _marks(self) -> Iterator[Sequence[Mark | None]]:
        return (self.articles.marks[gist.path] for gist in self.articles.out)

    def _site(self) -> Site:
        shop = self.shop
        held_back = self.articles.held_back
        coming = series.coming(held_back, self.now) if shop.config.coming else None
        return Site(shop.config, tuple(self.articles.listed()), shop.words, coming)

    def _bind(self, site: Site, away: Mapping[str, Mapping[str, str]]) -> None:
        templates = digests.of([self.templates.uses(name) for name in pages.OF_ARTICLE])
        orders = self.articles.orders(site.articles, list(pages.places(site)), away, templates)
        advance = self.wish.stages("making")
        making_all = self.articles.bind(self.team.hands(len(orders)), orders)
        for done, one in enumerate(making_all, 1):
            advance(done, len(orders))
            self.problems += one.problems

    def _card(self) -> None:
        """Make that of the series."""
        path, (config, fonts) = head.card_path("index"), (self.shop.config, self.shop.fonts)
        # An article `index` would have the same; that it can't have its page is told by that.
        if not self.tasks.ledge.keeps or path in {one.path for one in self.tasks.results}:
            return
        inputs = {"its words": digests.of(config.title, config.author), "its fonts": fonts.digest}
        if not self.tasks.recall(path, {**self.common, **inputs}):
            made = self.tasks.put([cards.of_series(config, fonts)])
            self.tasks.keep(path, {**self.common, **inputs}, made)

    def _index(self) -> searching.Indexed:
        if not self.wish.search or self.problems:
            return searching.Indexed()
        contents = self.team.contents()
        found = []
        for gist in self.articles.out:
            path = gist.article.page if gist.article else ""
            found.append((path, contents.get(path) or (self.site or self.root) / path))
        return self.wish.search(_Pages(found), self.shop.workshop.cache)

    def _tell(self, frame: making.Frame, documents: making.Documents) -> Callable[[], None]:
        """Have the documents of feeds made, by all hands if what these need can be read by them.

        Returns what waits for them: what this process does meanwhile takes no time of theirs.
        """
        todo = dict(making.tellings(self.tasks, frame, documents, self.articles.texts))
        hands = self.team.hands(0) if self.shop.memory.flush() else self.team.own
        asked = [(telling.format, telling) for telling, _ in todo.values()]
        making_all = hands.each("tell", asked)

        def wait() -> None:
            advance = self.wish.stages("telling")
            for done, told in enumerate(making_all, 1):
                advance(done, len(asked))
                self.shop.memory.keep_texts(told.texts)
                self.tasks.keep(told.path, todo[told.path][1], told.results)

        return wait

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
    if (
        fonts != cards.ours()
        and not problems
        and not tasks.memory.recall(name, inputs, memory.TRUTH)
    ):
        problems = cards.faults(fonts)
        tasks.memory.keep(name, inputs, not problems)
    return (cards.ours() if problems else fonts), problems


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
        return OutputFile(path, content_of(content))


def _without_doubles(results: Sequence[Result]) -> tuple[Result, ...]:
    """A compressed form gives way to a file or folder of an author's that has its name."""
    if not any(one.compressed for one in results):
        return tuple(results)
    taken = {one.path for one in results if not one.compressed}
    for path in list(taken):
        while path := path.rpartition("/")[0]:
            taken.add(path)
    return tuple(one for one in results if not one.compressed or one.path not in taken)
