"""Manifest minus ledger: what there is to tell. Pure; whom it is for, the ledger counts."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from newsletter.model import Announced, Kind
from press.manifest import Change, Entry, Manifest
from press.problems import Code, Problem, ProblemsFound, did_you_mean

NEWEST, ALL = "newest", "all"


@dataclass(frozen=True, slots=True)
class Planned:
    """One article to announce."""

    article: Entry
    kind: Kind = Kind.NEW
    revision: str = ""
    """Of an update or a correction: the date that the article gives for it."""
    messages: int = 0
    suppressed: int = 0
    """Subscribers whose mailbox must not be written to: skipped, and said to be."""
    first: tuple[str, ...] = ()
    """A few of the addresses that it goes to."""
    aside: Mapping[str, int] = field(default_factory=dict)
    """Why it is not for others who are confirmed, at their own wish, and how many they are."""

    @property
    def is_for_somebody(self) -> bool:
        return bool(self.messages or self.suppressed or self.aside)


@dataclass(frozen=True, slots=True)
class Untold:
    """Somebody whose turn it is, and what they were not told of."""

    subscriber: int
    topics: frozenset[str]
    """Tags of which one has to be an article's; none for all articles."""
    articles: frozenset[str]
    """Ids."""

    def wants(self, article: Entry) -> bool:
        return not self.topics or not self.topics.isdisjoint(article.tags)


@dataclass(frozen=True, slots=True)
class Picked:
    """What some subscribers are told, for what each of them was told before."""

    kind: Kind
    """NEW: the next part of a course, which is one article; or DIGEST."""
    articles: tuple[Entry, ...]
    subscribers: tuple[int, ...] = field(repr=False)
    first: tuple[str, ...] = ()
    """A few of the addresses that it goes to."""

    @property
    def id(self) -> str:
        """Of the article, or of the digest: derived, so that a set of articles has one for ever.

        So nobody can have the same digest twice, and a restored ledger plans the same one again.
        """
        ids = sorted(article.id for article in self.articles)
        if self.kind is Kind.NEW:
            return ids[0]
        return f"digest-{sha256(chr(10).join(ids).encode()).hexdigest()[:20]}"

    @property
    def title(self) -> str:
        """For the ledger and its report."""
        return "; ".join(article.title for article in self.articles)

    @property
    def messages(self) -> int:
        return len(self.subscribers)


@dataclass(frozen=True, slots=True)
class Plan:
    baseline: tuple[Entry, ...]
    """Articles to record as known already, told to nobody."""
    announcements: tuple[Planned, ...]
    picked: tuple[Picked, ...] = ()
    """Parts of courses, and digests."""

    @property
    def messages(self) -> int:
        planned = sum(one.messages for one in self.announcements)
        return planned + sum(one.messages for one in self.picked)


def plan(
    manifest: Manifest,
    known: Mapping[str, Collection[str]],
    chosen: Sequence[str] = (),
    updates: Sequence[str] = (),
    corrections: Sequence[str] = (),
) -> Plan:
    """What is new; or, where `updates` or `corrections` name articles, theirs alone.

    `known` has the ids of the articles in the ledger, each with the updates that were told. Where
    it has none, this is a first run: every article is baseline but the `chosen`. Raises
    ProblemsFound for a wrong choice.
    """
    if updates:
        return Plan((), _updates(manifest, known, updates))
    if corrections:
        return Plan((), _corrections(manifest, known, corrections))
    if known and chosen:
        raise ProblemsFound([_too_late()])
    new = [article for article in manifest.articles if article.id not in known]
    announced = new if known else articles_named("--announce", new, chosen)
    baseline = tuple(article for article in new if article not in announced)
    return Plan(baseline, tuple(Planned(article) for article in announced))


def _updates(
    manifest: Manifest, known: Mapping[str, Collection[str]], names: Sequence[str]
) -> tuple[Planned, ...]:
    articles = articles_named("--update", manifest.articles, names)
    _require("--update", articles, lambda one: _why_no_update(one, known))
    return tuple(Planned(one, Kind.UPDATE, one.updated) for one in articles)


def _corrections(
    manifest: Manifest, known: Mapping[str, Collection[str]], names: Sequence[str]
) -> tuple[Planned, ...]:
    """All corrections of some articles, the oldest first; the ledger tells for whom there are."""
    articles = articles_named("--correction", manifest.articles, names)
    _require("--correction", articles, lambda one: _why_no_correction(one, known))
    return tuple(
        Planned(one, Kind.CORRECTION, change.id)
        for one in articles
        for change in one.changes
        if change.correction
    )


def _require(
    option: str, articles: Sequence[Entry], why_not: Callable[[Entry], tuple[str, str]]
) -> None:
    """Raise ProblemsFound for the articles of which there is nothing to tell."""
    found = [(one, *why_not(one)) for one in articles]
    problems = [
        Problem(option, 0, 0, Code.REFUSED, f"`{one.id}` {why}", hint)
        for one, why, hint in found
        if why
    ]
    if problems:
        raise ProblemsFound(problems)


def to_try(
    manifest: Manifest, announce: Sequence[str], updates: Sequence[str], corrections: Sequence[str]
) -> Iterator[Planned]:
    """What somebody wants to see as a test, whatever was told: the newest article, if nothing."""
    articles = manifest.articles
    new = [*announce] if announce or updates or corrections else [NEWEST]
    yield from (Planned(one) for one in articles_named("--announce", articles, new))
    for one in articles_named("--update", articles, updates):
        yield Planned(one, Kind.UPDATE, one.updated)
    everybody = dict.fromkeys((one.id for one in articles), ())
    yield from _corrections(manifest, everybody, corrections)


def correction(article: Entry, revision: str) -> Change | None:
    """A correction of an article, by what an announcement calls it; None where it is gone."""
    return next((one for one in article.changes if one.correction and one.id == revision), None)


def can_be_told(one: Announced, published: Mapping[str, Entry]) -> bool:
    """Whether the series has what the mail of an announcement is made of."""
    if not published.keys() >= {*one.articles}:
        return False
    is_other = one.kind is not Kind.CORRECTION
    return is_other or correction(published[one.article_id], one.revision) is not None


def _why_no_correction(article: Entry, known: Mapping[str, Collection[str]]) -> tuple[str, str]:
    """The same of a correction."""
    if article.id not in known:
        return "was never announced", "send without --correction tells of it, as it is now"
    if not any(change.correction for change in article.changes):
        return "says of no correction", "one of its `changes` has `correction: true` for that"
    return "", ""


def _why_no_update(article: Entry, known: Mapping[str, Collection[str]]) -> tuple[str, str]:
    """Why there is no update of an article to tell, and what to do; empty if there is one."""
    if article.id not in known:
        return "was never announced", "send without --update tells of it"
    if article.updated == article.date:
        return "says of no change", "its front matter has `updated` or `changes` for that"
    if article.updated in known[article.id]:
        return f"was told to be updated at {article.updated}", "nobody is told that twice"
    return "", ""


def articles_named(option: str, articles: Sequence[Entry], chosen: Sequence[str]) -> list[Entry]:
    """The articles named by number, slug, id, `newest` or `all`, in the order of their numbers."""
    names: dict[str, list[Entry]] = {ALL: list(articles)}
    if articles:
        names[NEWEST] = [max(articles, key=lambda article: (article.date, article.number))]
    for article in articles:
        for name in (article.slug, article.id, str(article.number), f"{article.number:03}"):
            names.setdefault(name, [article])
    unknown = [_no_article(option, name, names) for name in chosen if name not in names]
    if unknown:
        raise ProblemsFound(unknown)
    wanted = {article.id for name in chosen for article in names[name]}
    return [article for article in articles if article.id in wanted]


def _no_article(option: str, name: str, names: Collection[str]) -> Problem:
    message = f"no published article is called `{name}`"
    hint = did_you_mean(name, names) or "name it by its number, slug or id"
    return Problem(option, 0, 0, Code.BAD_INPUT, message, hint)


def _too_late() -> Problem:
    message = "this is not the first run: every article that is not in the ledger is announced"
    return Problem("--announce", 0, 0, Code.REFUSED, message, "leave --announce out")


def parts(some: Iterable[Untold], articles: Sequence[Entry]) -> tuple[Picked, ...]:
    """For each whose turn it is, the first article of the series that they were not told of."""
    found: dict[str, list[int]] = {}
    for one in some:
        wanted = (a.id for a in articles if a.id in one.articles and one.wants(a))
        if (article_id := next(wanted, None)) is not None:
            found.setdefault(article_id, []).append(one.subscriber)
    by_id = {article.id: article for article in articles}
    return tuple(
        Picked(Kind.NEW, (by_id[article_id],), tuple(found[article_id]))
        for article_id in by_id
        if article_id in found
    )


def digests(some: Iterable[Untold], articles: Sequence[Entry]) -> tuple[Picked, ...]:
    """One digest for all who were not told of the same articles; those of the most first."""
    found: dict[tuple[str, ...], list[int]] = {}
    for one in some:
        wanted = tuple(a.id for a in articles if a.id in one.articles and one.wants(a))
        if wanted:
            found.setdefault(wanted, []).append(one.subscriber)
    by_id = {article.id: article for article in articles}
    ordered = sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return tuple(
        Picked(Kind.DIGEST, tuple(by_id[one] for one in wanted), tuple(who))
        for wanted, who in ordered
    )
