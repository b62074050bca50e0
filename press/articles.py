"""The articles of a build: each read alone, its examples proven, and then bound into the site."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field
from msgspec.json import Decoder

from press import cards, digests, files, head, kept, links, memory, prove, results, series, source
from press.crew import Hands
from press.desk import Bound, Order, Shop
from press.gist import Gist
from press.memory import GIST, MARKS, Inputs, Record
from press.model import Article, Example, Listed, Manuscript, Mark, Place, Proof, Verdict
from press.problems import Problem, ProblemsFound
from press.results import Result
from press.survey import Look, Stamp
from press.tasks import Tasks
from press.tools import Tools

Chosen = Callable[[Example], bool]

_Stamped = tuple[tuple[tuple[str, Stamp], ...] | None, Gist]
"""The name and stamp of each file of an article when it was read, and what it says."""
_STAMPED = Decoder(_Stamped)
_MARKS = Decoder(tuple[tuple[Mark | None, ...], str])
"""What is known of the examples of an article, and a digest of it."""

CARD = "its card"
"""The name of what a card is made of."""


class Articles(Struct):
    """All content files, and what became known of them so far."""

    shop: Shop
    tasks: Tasks
    tools: Tools
    look: Look
    common: Mapping[str, str]
    """The inputs that everything has."""
    entries: dict[str, source.Entry] = field(default_factory=dict)
    """Path -> what lies there; so are the others."""
    gists: dict[str, Gist] = field(default_factory=dict)
    inputs: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Those of each gist."""
    marks: dict[str, Sequence[Mark | None]] = field(default_factory=dict)
    proofs: dict[str, str] = field(default_factory=dict)
    """A digest of those that are kept; empty where there are no examples."""
    asked_again: set[str] = field(default_factory=set)
    """Those of which the next build may learn more, though nothing has changed."""
    out: list[Gist] = field(default_factory=list)
    """Those that are published, by number."""
    held_back: list[Article] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    """Of those that are published."""
    texts: dict[str, str] = field(default_factory=dict)
    """The name of each one's HTML for feeds."""

    def survey(self) -> tuple[list[source.Entry], list[Problem]]:
        """Recall what is known of what has not changed. Returns what is to be read."""
        found, problems = source.entries(self.shop.root)
        self.entries = {entry.path: entry for entry in found}
        return [entry for entry in found if not self._recall(entry)], problems

    def _recall(self, entry: source.Entry) -> bool:
        path, memory = entry.path, self.tasks.memory
        of_gist, of_marks = f"{GIST}{path}", f"{MARKS}{path}"
        self.tasks.used |= {of_gist, of_marks}
        record = memory.find(of_gist, _STAMPED)
        if not record or not self.shop.recalls or not _has(record.inputs, self.common):
            return False
        gist = self._as_it_was(entry, record)
        if gist is None:
            return False
        told = None
        if not gist.online:
            inputs = self._of_marks(gist, record.inputs)
            told = memory.recall(of_marks, inputs, _MARKS)
        if told is None and gist.examples:
            return False
        self.gists[path], self.inputs[path] = gist, record.inputs
        self.marks[path], self.proofs[path] = told or ((), "")
        return True

    def _as_it_was(self, entry: source.Entry, record: Record[_Stamped]) -> Gist | None:
        """The gist of a file that looks as it did, or has the same content."""
        before, gist = record.value
        stamps = self._stamps(entry)
        if before and stamps == before:
            return gist
        try:
            file = source.read(entry, self.shop.root)
        except ProblemsFound:
            return None
        if not _has(record.inputs, source.contents(file)):
            return None
        self.tasks.memory.keep(f"{GIST}{entry.path}", record.inputs, (stamps, gist))
        return gist

    def _stamps(self, entry: source.Entry) -> tuple[tuple[str, Stamp], ...] | None:
        """The name and stamp of each file of an article; None if nothing can be said of them."""
        if not entry.is_folder:
            alone = self.look.at(f"{entry.top}/{entry.name}")
            return (("", alone[0]),) if alone else None
        if entry.place.is_symlink():
            return None
        try:
            names = dict(files.within(entry.place))
        except OSError:
            return None
        stamps = self.look.at(*names.values())
        return tuple(zip(names, stamps, strict=True)) if stamps else None

    def _of_marks(self, gist: Gist, inputs: Mapping[str, str]) -> dict[str, str]:
        return {**inputs, "its tools": self.tools.digest(gist.tools)}

    def read(self, hands: Hands, todo: Sequence[source.Entry]) -> Iterator[None]:
        """Read content files, one after the other."""
        stamps = {entry.path: self._stamps(entry) for entry in todo}
        for read in hands.each("read", [(entry.path, entry) for entry in todo]):
            path = read.gist.path
            self.gists[path], self.inputs[path] = read.gist, {**self.common, **read.inputs}
            if read.marks is not None:
                self._mark(read.gist, read.marks)
            if read.inputs:
                value = (stamps[path], read.gist)
                self.tasks.memory.keep(f"{GIST}{path}", self.inputs[path], value)
            yield

    def _mark(self, gist: Gist, marks: Sequence[Mark | None]) -> None:
        """Take what was told of the examples of an article; keep it if it holds the next time."""
        self.marks[gist.path] = marks
        verdicts = {one.verdict if one else Verdict.FAILED for one in marks}
        if (Verdict.NOT_PROVEN in verdicts and self.tools.doubt(gist.tools)) or gist.online:
            self.asked_again.add(gist.path)
        elif Verdict.FAILED not in verdicts:
            inputs = self._of_marks(gist, self.inputs[gist.path])
            told = marks, digests.of(marks)
            self.tasks.memory.keep(f"{MARKS}{gist.path}", inputs, told)
            self.proofs[gist.path] = told[1]

    def sort(self, now: datetime, *, drafts: bool) -> list[Problem]:
        """Tell which are out; returns what is wrong with each that was read, and among them."""
        problems = [one for gist in self.gists.values() for one in gist.problems]
        parsed = [(one.article, one) for one in self.gists.values() if one.article]
        parsed.sort(key=lambda pair: series.order(pair[0]))
        problems += series.duplicates([article for article, _ in parsed])
        for article, gist in parsed:
            if not drafts and not source.is_out(article, now):
                self.held_back.append(article)
                continue
            problems += gist.faults
            if not gist.is_lost:
                self.out.append(gist)
        return problems

    def unparsed(self) -> list[str]:
        return [gist.path for gist in self.gists.values() if not gist.article]

    def prove(
        self,
        chosen: Chosen | None,
        progress: prove.Progress | None,
        prover: prove.Prover | None,
        manuscript: Callable[[str], Manuscript],
    ) -> list[Proof]:
        """Prove the examples of which nothing is known, or those that are chosen.

        `manuscript` gives that of a content file by its path. What a `prover` that takes our place
        tells is not kept.
        """
        todo: dict[str, Sequence[Example]] = {}
        examples: list[Example] = []
        for gist in self.out:
            if gist.path in self.marks and not chosen:
                continue
            found = manuscript(gist.path).examples
            wanted = [one for one in found if not chosen or chosen(one)]
            if wanted or gist.path not in self.marks:
                todo[gist.path] = found
                examples += wanted
        if not examples:
            self.marks |= {path: [None] * len(some) for path, some in todo.items()}
            return []
        if prover:
            proofs = list(prover(examples, self.shop.workshop))
        else:
            proofs = prove.prove(
                examples,
                self.shop.workshop,
                afresh=not self.shop.recalls,
                progress=progress,
                told=self.tools.version,
                whole=len(todo) == len(self.out) and not chosen,
            )
            if not self.shop.recalls:
                self._doubt(proofs)
        marks = {proof.where: proof.mark for proof in proofs}
        for path, some in todo.items():
            told = tuple(marks.get(one.where) for one in some)
            if prover:
                self.marks[path] = told
            else:
                self._mark(self.gists[path], told)
        return proofs

    def _doubt(self, proofs: Sequence[Proof]) -> None:
        """Let no build or check say again that what has failed is proven: nothing else changes."""
        failed = {one.example.article.path for one in proofs if one.verdict is Verdict.FAILED}
        if failed:
            cache = self.shop.workshop.cache
            # A preview has one of its own.
            for path in (cache / memory.KEPT, *cache.glob(f"*/{memory.KEPT}")):
                memory.drop(path, [f"{MARKS}{one}" for one in failed])
            kept.forget(cache, "check-*.json", set())
            kept.forget(cache, "built-*.json", set())

    def listed(self) -> Iterator[Listed]:
        """Each that is published."""
        return (listed(gist, self.marks[gist.path]) for gist in self.out)

    def resolve(self, targets: links.Targets) -> tuple[dict[str, dict[str, str]], list[Problem]]:
        """The address of each link that leads away, by article; and those that lead to nowhere."""
        found: dict[str, dict[str, str]] = {}
        problems: list[Problem] = []
        for gist in self.out:
            its = found[gist.path] = {}
            astray = []
            for href in gist.away:
                assert gist.article  # noqa: S101  # it is out
                try:
                    its[href] = links.resolve(href, gist.article, targets)
                except links.Broken:
                    its[href] = "#"
                    astray.append(href)
            if astray:
                written = self.manuscript(gist.path)  # once, however many there are
                for href in astray:
                    problems += links.broken(href, written, targets)
        return found, problems

    def orders(
        self,
        listed: Sequence[Listed],
        places: Sequence[Place],
        away: Mapping[str, Mapping[str, str]],
        templates: str,
    ) -> list[tuple[Order, Mapping[str, str]]]:
        """What is needed to bind each article that was not bound so before, and its inputs."""
        found: list[tuple[Order, Mapping[str, str]]] = []
        for gist, one, place in zip(self.out, listed, places, strict=True):
            path = gist.path
            self.places[path] = place
            marks, its = self.marks[path], away[path]
            inputs = {
                **self.inputs[path],
                "its proofs": self._proofs(path),
                "where its links lead": digests.of(*its, *its.values()) if its else "",
                "its place": _where(one, place),
                "its templates": templates,
                CARD: cards.digest(self.shop.config, one.article, self.shop.fonts),
            }
            text = self._text(path)
            if text and self.tasks.recall(path, inputs):
                self.texts[path] = text
            else:
                card = self._card(path, one.article, inputs)
                found.append((Order(self.entries[path], one, place, its, marks, card), inputs))
        return found

    def _proofs(self, path: str) -> str:
        marks = self.marks[path]
        return (self.proofs.get(path) or digests.of(marks)) if marks else ""

    def _text(self, path: str) -> str:
        """The name of the HTML for feeds that an article had the last time; empty for none."""
        return next((one.text for one in self.tasks.before(path) if one.text), "")

    def _card(self, path: str, article: Article, inputs: Inputs) -> Result | None:
        """The card of an article, if the one that is there has the same words."""
        before = self.tasks.memory.find(path, results.KIND)
        if not before or before.inputs.get(CARD) != inputs[CARD]:
            return None
        name = head.card_path(article.slug)
        return next(
            (one for one in before.value if one.path == name and self.tasks.stands(one)), None
        )

    def bind(
        self, hands: Hands, orders: Sequence[tuple[Order, Mapping[str, str]]]
    ) -> Iterator[Bound]:
        """Make all that articles bring to the site."""
        inputs_of = {order.entry.path: inputs for order, inputs in orders}
        asked = [(order.entry.path, order) for order, _ in orders]
        for bound in hands.each("bind", asked):
            path, inputs = bound.path, inputs_of[bound.path]
            self.texts[path] = bound.text
            self.tasks.memory.keep_texts(bound.texts)
            self.tasks.keep(path, inputs, bound.results)
            yield bound

    def manuscript(self, path: str) -> Manuscript:
        """A content file that could be parsed, read again.

        Raises ProblemsFound if that has changed: an editor may be writing it at this moment.
        """
        file = source.read(self.entries[path], self.shop.root)
        found, problems = source.parse(file, self.shop.config, self.shop.languages)
        if found is None:
            raise ProblemsFound(problems)
        return found


def _where(one: Listed, place: Place) -> str:
    """A digest of where an article stands, and of what others tell of it."""
    near = [side.digest if side else "" for side in (place.previous, place.next)]
    tags = [text for tag in place.tags for text in (tag.name, tag.page)]
    coming = digests.of(place.coming) if place.coming else ""
    return digests.of(one.digest, str(place.position), str(place.is_proven), coming, *near, *tags)


def listed(gist: Gist, marks: Sequence[Mark | None]) -> Listed:
    """An article as other pages tell of it, which is to be published."""
    assert gist.article  # noqa: S101  # it could be read
    proven = sum(1 for one in marks if one and one.verdict is Verdict.PROVEN)
    return Listed(
        gist.article,
        gist.headings,
        gist.minutes,
        gist.examples,
        proven,
        f"{gist.digest} {proven}",
    )


def _has(inputs: Mapping[str, str], common: Mapping[str, str]) -> bool:
    return common.items() <= inputs.items()
