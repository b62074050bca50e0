"""Manifest minus ledger, times subscribers: what there is to tell, and to whom. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from newsletter.model import Subscriber
from press.manifest import Entry, Manifest
from press.problems import Code, Problem, ProblemsFound, did_you_mean

NEWEST, ALL = "newest", "all"


@dataclass(frozen=True, slots=True)
class Planned:
    """One article to announce, and the subscribers it is for."""

    article: Entry
    recipients: tuple[Subscriber, ...]
    suppressed: tuple[Subscriber, ...]
    """Subscribers whose mailbox must not be written to: skipped, and said to be."""


@dataclass(frozen=True, slots=True)
class Plan:
    baseline: tuple[Entry, ...]
    """Articles to record as known already, told to nobody."""
    announcements: tuple[Planned, ...]

    @property
    def messages(self) -> int:
        return sum(len(planned.recipients) for planned in self.announcements)


def plan(
    manifest: Manifest,
    known: Collection[str],
    subscribers: Sequence[Subscriber],
    suppressed: Collection[str],
    chosen: Sequence[str] = (),
) -> Plan:
    """What is new, for whom.

    `known` has the ids of the articles in the ledger. Where it has none, this is a first run:
    every article is baseline but the `chosen`. Raises ProblemsFound for a wrong choice.
    """
    if known and chosen:
        raise ProblemsFound([_too_late()])
    new = [article for article in manifest.articles if article.id not in known]
    announced = new if known else _choose(new, chosen)
    return Plan(
        tuple(article for article in new if article not in announced),
        tuple(
            Planned(
                article,
                tuple(one for one in subscribers if one.mailbox not in suppressed),
                tuple(one for one in subscribers if one.mailbox in suppressed),
            )
            for article in announced
        ),
    )


def _choose(articles: Sequence[Entry], chosen: Sequence[str]) -> list[Entry]:
    """The articles named by number, slug, id, `newest` or `all`, in the order of their numbers."""
    names: dict[str, list[Entry]] = {ALL: list(articles)}
    if articles:
        names[NEWEST] = [max(articles, key=lambda article: (article.date, article.number))]
    for article in articles:
        for name in (article.slug, article.id, str(article.number), f"{article.number:03}"):
            names.setdefault(name, [article])
    unknown = [_no_article(name, names) for name in chosen if name not in names]
    if unknown:
        raise ProblemsFound(unknown)
    wanted = {article.id for name in chosen for article in names[name]}
    return [article for article in articles if article.id in wanted]


def _no_article(name: str, names: Collection[str]) -> Problem:
    message = f"no published article is called `{name}`"
    hint = did_you_mean(name, names) or "name it by its number, slug or id"
    return Problem("--announce", 0, 0, Code.BAD_INPUT, message, hint)


def _too_late() -> Problem:
    message = "this is not the first run: every article that is not in the ledger is announced"
    return Problem("--announce", 0, 0, Code.REFUSED, message, "leave --announce out")
