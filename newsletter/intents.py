"""What an author asks to send, and what that would be: planned with what the ledger knows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from newsletter import plan as planning
from newsletter.model import Announced, Kind, State
from newsletter.plan import Picked, Plan
from newsletter.store import announcements, audience, deliveries, picks, tallies, untold
from newsletter.store.database import Connection
from newsletter.store.deliveries import Waiting
from press.manifest import Entry, Manifest


@dataclass(frozen=True, slots=True)
class Choice:
    """What an author asks to send: what is new and the parts of courses, or something else."""

    announce: Sequence[str] = ()
    """On the first run: the articles that are new."""
    update: Sequence[str] = ()
    """Articles whose update is to be told, instead of new ones."""
    correction: Sequence[str] = ()
    """Articles whose corrections are to be told, instead of new ones."""
    course: bool = False
    """Only the parts of courses that are due."""
    digest: bool = False
    """Only the digests that are due."""
    catch_up: bool = False
    """Digests also for those who are told of each article, of what they were not told."""


WHAT_IS_NEW = Choice()


@dataclass(frozen=True, slots=True)
class Intent:
    """What a send would do now."""

    plan: Plan
    resumed: int
    """Messages of earlier announcements that are still to be handed over."""
    held: int
    """Those that can't be, because what they tell of is no longer published."""
    resting: int
    """Those that wait for subscribers who pause."""
    left: Counter[str]
    """Those for who must not be told any more, by reason."""
    unknown: int
    """Deliveries whose outcome the provider can't tell; they are left alone."""
    pages: tuple[Entry, ...]
    """The articles that mails would lead to."""
    known_as: Mapping[str, str]
    """Id of a new article -> that of one that is gone, was told, and had the same title."""

    @property
    def messages(self) -> int:
        return self.plan.messages + self.resumed

    @property
    def is_something(self) -> bool:
        made = self.plan
        return bool(made.baseline or made.announcements or made.picked or self.resumed or self.left)


def intent(
    connection: Connection, manifest: Manifest, choice: Choice | None, now: datetime
) -> Intent:
    """What there is to do; without a choice, of what is announced already.

    Raises ProblemsFound for a wrong choice.
    """
    made = _planned(connection, manifest, choice, now) if choice else Plan((), ())
    waiting = deliveries.waiting(connection)
    by_number = {
        one.id: one for one in announcements.those(connection, [one.announced for one in waiting])
    }
    published = {article.id: article for article in manifest.articles}
    due = [(one.count, by_number[one.announced]) for one in waiting if not one.why_not]
    going = [(count, one) for count, one in due if planning.can_be_told(one, published)]
    return Intent(
        made,
        sum(count for count, _ in going),
        sum(count for count, _ in due) - sum(count for count, _ in going),
        sum(one.count for one in waiting if one.why_not == deliveries.RESTS),
        _left(waiting),
        tallies.count(connection, State.UNKNOWN),
        tuple({one.id: one for one in _pages(made, [one for _, one in going], published)}.values()),
        _known_as(connection, made, published),
    )


def _known_as(
    connection: Connection, made: Plan, published: Mapping[str, Entry]
) -> Mapping[str, str]:
    new = [one.article for one in made.announcements if one.kind is Kind.NEW]
    before = announcements.titled(connection, [one.title for one in new])
    return {
        one.id: before[one.title] for one in new if before.get(one.title, one.id) not in published
    }


def _left(waiting: Iterable[Waiting]) -> Counter[str]:
    left: Counter[str] = Counter()
    for one in waiting:
        if one.why_not and one.why_not != deliveries.RESTS:
            left[one.why_not] += one.count
    return left


def _pages(made: Plan, going: Iterable[Announced], published: dict[str, Entry]) -> Iterable[Entry]:
    """What mails would lead to, some of it more than once."""
    yield from (planned.article for planned in made.announcements if planned.messages)
    yield from (article for one in made.picked for article in one.articles)
    yield from (published[article_id] for one in going for article_id in one.articles)


def _planned(connection: Connection, manifest: Manifest, choice: Choice, now: datetime) -> Plan:
    if choice.digest or choice.catch_up:
        return Plan((), (), _digests(connection, manifest, now, catch_up=choice.catch_up))
    if choice.course:
        return Plan((), (), _parts(connection, manifest, Plan((), ()), now))
    known = announcements.known(connection)
    made = planning.plan(manifest, known, choice.announce, choice.update, choice.correction)
    counted = tuple(audience.counted(connection, one) for one in made.announcements)
    if choice.correction:
        return Plan((), tuple(one for one in counted if one.is_for_somebody))
    picked = () if choice.update else _parts(connection, manifest, made, now)
    return Plan(made.baseline, counted, picked)


def _digests(
    connection: Connection, manifest: Manifest, now: datetime, *, catch_up: bool
) -> tuple[Picked, ...]:
    published = [article.id for article in manifest.articles]
    some = untold.of_digests(connection, published, now, catch_up=catch_up)
    return _addressed(connection, planning.digests(some, manifest.articles))


def _parts(
    connection: Connection, manifest: Manifest, made: Plan, now: datetime
) -> tuple[Picked, ...]:
    """The parts of courses that are due; among them what is only about to be in the ledger."""
    fresh = [*made.baseline, *(planned.article for planned in made.announcements)]
    published = [article.id for article in manifest.articles]
    some = untold.of_courses(connection, published, [one.id for one in fresh], now)
    return _addressed(connection, planning.parts(some, manifest.articles))


def _addressed(connection: Connection, some: Iterable[Picked]) -> tuple[Picked, ...]:
    return tuple(picks.with_addresses(connection, one) for one in some)
