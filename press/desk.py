"""Where articles are worked on, one after the other: read, and later bound into the site.

What was read stays here. A desk may be in a process of its own (`crew`), so it
takes and gives plain values.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from press import binding, cards, feeds, gist, head, layout, pages, prove, render, source, tasks
from press.cache import Proofs
from press.channels import Document
from press.config import Config
from press.gist import Galley, Gist
from press.links import Broken, Targets, resolve
from press.memory import Memory
from press.model import (
    Article,
    Example,
    Fence,
    Language,
    Listed,
    Mark,
    OutputFile,
    Place,
    Proof,
    Published,
    Workshop,
)
from press.problems import Problem, ProblemsFound
from press.results import Result
from press.shelf import AT_HAND, Shelf
from press.tasks import Ledge
from press.templating import Templating
from press.words import Words


class Shop(Struct, frozen=True):
    """What all articles of a build have in common."""

    root: Path
    site: Path | None
    """The folder that the site is written to, if there is one."""
    config: Config
    words: Words
    languages: tuple[Language, ...]
    workshop: Workshop
    version: prove.Version
    recalls: bool
    """Whether proofs of earlier runs are relied on."""
    templates: Templating
    fonts: cards.Fonts
    memory: Memory


class Read(Struct, frozen=True):
    """What came of reading a content file."""

    gist: Gist
    inputs: Mapping[str, str]
    """Of the gist: what was read."""
    marks: tuple[Mark, ...] | None
    """Of its examples; None if any of them has to run."""


class Order(Struct, frozen=True):
    """What is needed to bind an article that was read."""

    entry: source.Entry
    listed: Listed
    place: Place
    links: Mapping[str, str]
    """Each of its links that leads away -> the address in the site."""
    marks: Sequence[Mark | None]
    """Of its examples; None for one that was not to be proven."""
    card: Result | None
    """The one that is there, if it is as it has to be."""


class Bound(Struct, frozen=True):
    """What came of binding an article."""

    path: str
    results: tuple[Result, ...]
    text: str
    """The name of its HTML for feeds."""
    texts: Mapping[str, str]
    """Name -> each long text that is to be kept."""
    problems: tuple[Problem, ...]


class Telling(Struct, frozen=True):
    """A document of a feed to make."""

    format: str
    """What its file is called."""
    path: str
    document: Document
    texts: tuple[str, ...]
    """Names of the HTML of its articles."""
    made_of: tuple[str, ...]
    """What the entries of its articles are made of: a digest of each."""
    before: Result | None
    """The document of its path that stands in the site."""


class Told(Struct, frozen=True):
    path: str
    results: tuple[Result, ...]
    texts: Mapping[str, str]
    """Name -> each long text that is to be kept."""


ENTRIES = 512
"""Entries of feeds that are held where a change is made, which needs some hundreds."""


class Desk:
    def __init__(self, shop: Shop, ledge: Ledge, published: list[Published] | None = None) -> None:
        self.shop = shop
        self.ledge = ledge
        self.published = published
        """The articles that were bound, where somebody asks for them."""
        self.galleys: Shelf[Galley] = Shelf(shop.workshop.cache)
        """What was read, by the path of its article."""
        self.remembered: Proofs | None = None
        """The proofs of earlier runs, when they have been asked for."""
        at_hand = AT_HAND if ledge.folder else ENTRIES  # a desk of a crew makes all of them
        self.entries: Shelf[bytes] = Shelf(shop.workshop.cache, at_hand)
        """The entries of articles in feeds, by their format and what they are made of."""

    def read(self, entry: source.Entry) -> Read:
        """Read an article, and recall the proofs of its examples."""
        shop = self.shop
        try:
            file = source.read(entry, shop.root)
        except ProblemsFound as error:
            return Read(Gist(entry.path, None, error.problems), {}, None)
        galley = gist.read(file, shop.config, shop.words, shop.languages, shop.workshop.cache)
        self.galleys.put(entry.path, galley)
        return Read(galley.gist, source.contents(file), self._marks(galley))

    def _marks(self, galley: Galley) -> tuple[Mark, ...] | None:
        if galley.manuscript is None or not self.shop.recalls:
            return None
        if not galley.manuscript.examples:
            return ()
        if self.remembered is None:
            self.remembered = Proofs(self.shop.workshop.cache)
        proofs = prove.recall(
            galley.manuscript.examples, self.shop.workshop, self.remembered, self.shop.version
        )
        return None if proofs is None else tuple(one.mark for one in proofs)

    def bind(self, order: Order) -> Bound:
        """Make all that an article brings to the site."""
        shop = self.shop
        galley = self.galley(order.entry)
        manuscript, fragment = galley.manuscript, galley.fragment
        assert manuscript  # noqa: S101  # it was read before
        assert fragment  # noqa: S101  # and rendered
        alone = Targets({}, {manuscript.path: fragment.ids}, frozenset(), frozenset())

        def link(href: str) -> str:
            if href in order.links:
                return order.links[href]
            try:
                return resolve(href, manuscript, alone)
            except Broken:  # reported; once is enough
                return "#"

        marked = zip(manuscript.examples, order.marks, strict=True)
        proofs = {one.fence: proof_of(one, mark) for one, mark in marked if mark}
        proof: Callable[[Fence], Proof | None] = proofs.get
        bound = binding.bind(
            manuscript, fragment, order.listed, shop.config, shop.words, link, proof, galley.shown
        )
        its = pages.of_article(
            shop.config, shop.words, bound.published, order.place, feeds.links(shop.config)
        )
        rendered, problems = render.render(shop.templates.environment, its)
        made = self._put(rendered, page=True) + self._put(bound.files)
        made += [order.card] if order.card else self._card(order.listed.article)
        if self.published is not None:
            self.published.append(bound.published)
        text = self.ledge.say(bound.published.feed_html)
        made[0] = replace(made[0], text=text)
        return Bound(order.entry.path, tuple(made), text, self.ledge.said(), tuple(problems))

    def _card(self, article: Article) -> list[Result]:
        if not self.ledge.keeps:  # nobody wants the image
            return [Result(head.card_path(article.slug), "")]
        return self._put([cards.of_article(self.shop.config, article, self.shop.fonts)])

    def _put(self, outputs: Iterable[OutputFile], *, page: bool = False) -> list[Result]:
        shop = self.shop
        return tasks.put(self.ledge, outputs, shop.workshop.cache, shop.config, page=page)

    def laid_by(self, _: None) -> dict[str, tasks.Content]:
        """Where everything is that was made here."""
        return self.ledge.contents

    def tell(self, telling: Telling) -> Told:
        """Make a document of a feed."""
        name, memory = telling.format, self.shop.memory
        make = _entry_again if self.ledge.folder is None else _entry
        there, entries = self._there(telling), []
        parts = zip(telling.document.articles, telling.texts, telling.made_of, strict=True)
        for listed, text, made_of in parts:
            entry = self.entries.get(f"{name} {made_of}")
            if entry is None:
                entry = there.get(made_of)
                if entry is None:
                    entry = make(name, self.shop.config, listed, memory.text(text))
                self.entries.put(f"{name} {made_of}", entry)
            entries.append(entry)
        content = feeds.named(name).render(telling.document, entries)
        results = self._put([OutputFile(telling.path, content)])
        if self.ledge.keeps:  # else nobody has the document
            where = layout.of(content, zip(telling.made_of, entries, strict=True))
            results[0] = replace(results[0], text=self.ledge.say(where))
        return Told(telling.path, tuple(results), self.ledge.said())

    def _there(self, telling: Telling) -> Mapping[str, bytes]:
        """What is not made yet, and stands in the site in the document that was there before."""
        shop, before = self.shop, telling.before
        if not (shop.site and before and before.text):
            return {}
        wanted = {one for one in telling.made_of if f"{telling.format} {one}" not in self.entries}
        text = shop.memory.text(before.text)
        return layout.entries(shop.site / before.path, before.digest, text, wanted)

    def galley(self, entry: source.Entry) -> Galley:
        """An article as it was read, here or by another build."""
        found = self.galleys.get(entry.path)
        if found is None:
            self.read(entry)
            found = self.galleys.get(entry.path)
        assert found  # noqa: S101  # it could be read before
        return found


def _entry(name: str, config: Config, listed: Listed, html: str) -> bytes:
    return feeds.named(name).entry(config, binding.published(listed, "", html))


# As many as change with an article: a preview makes them again and again.
_entry_again = lru_cache(maxsize=512)(_entry)


def proof_of(example: Example, mark: Mark) -> Proof:
    """What a page needs of a proof."""
    return Proof(example, mark.verdict, reason=mark.reason, how=mark.how, passes=mark.passes)
