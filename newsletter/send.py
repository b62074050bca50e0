"""Tells subscribers of new articles: plan, then for each batch reserve, attempt, record.

Each step is committed before the next begins, so that whenever this process dies the ledger says
what may have happened: before the attempt is written surely nothing, after it nobody knows until
the provider is asked.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from newsletter.compose import Composer, composer
from newsletter.model import TAKEN, Batch, Delivery, Outcome, Receipt, State, Subscriber
from newsletter.place import Place
from newsletter.plan import Plan, plan
from newsletter.providers import NotAccepted, Provider, connect
from newsletter.store import batches, deliveries, subscribers
from newsletter.store.database import Connection, Database
from press import config, manifest
from press.manifest import Entry, Manifest
from press.problems import Code, Problem, ProblemsFound


@dataclass(frozen=True, slots=True)
class Intent:
    """What a send would do now."""

    plan: Plan
    resumed: int
    """Messages of earlier announcements that are still to be handed over."""
    held: int
    """Those that can't be, because their article is no longer published."""
    left: Counter[str]
    """Those for who must not be told any more, by reason."""
    unknown: int
    """Deliveries whose outcome the provider can't tell; they are left alone."""

    @property
    def messages(self) -> int:
        return self.plan.messages + self.resumed

    @property
    def is_something(self) -> bool:
        return bool(self.plan.baseline or self.plan.announcements or self.resumed or self.left)


@dataclass(frozen=True, slots=True)
class Counts:
    """Deliveries of the whole ledger."""

    accepted: int
    found: int
    """Of the accepted, those that evidence has decided: nobody saw the provider's answer."""
    unknown: int


@dataclass(frozen=True, slots=True)
class Sender:
    """A publication's newsletter, ready to send."""

    database: Database
    provider: Provider
    provider_name: str
    composer: Composer
    manifest: Manifest
    clock: Callable[[], datetime]

    def _now(self) -> str:
        return self.clock().astimezone(UTC).isoformat(timespec="seconds")

    def intend(self, chosen: Sequence[str] = ()) -> Intent:
        """What `send` would do: its first steps are taken, and taken back.

        Raises ProblemsFound for a wrong choice.
        """
        with self.database.transaction() as connection:
            in_doubt = batches.in_doubt(connection, self.provider_name)
        evidence = self.provider.look_up(in_doubt)
        with self.database.rehearsal() as connection:
            batches.take_over(connection)
            batches.settle(connection, evidence)
            return self._intent(connection, chosen)

    def _intent(self, connection: Connection, chosen: Sequence[str]) -> Intent:
        known = deliveries.known(connection)
        audience = subscribers.confirmed(connection)
        closed = subscribers.suppressed(connection)
        waiting = deliveries.waiting(connection)
        published = {article.id for article in self.manifest.articles}
        due = [one for one in waiting if not one.why_not]
        left: Counter[str] = Counter()
        for one in waiting:
            left[one.why_not] += one.count if one.why_not else 0
        return Intent(
            plan(self.manifest, known, audience, closed, chosen),
            sum(one.count for one in due if one.article_id in published),
            sum(one.count for one in due if one.article_id not in published),
            +left,
            deliveries.count(connection, State.UNKNOWN),
        )

    def send(self, count: int, chosen: Sequence[str] = ()) -> Intent:
        """Do it, if it is `count` messages, and say what it was.

        Raises ProblemsFound if it is another number, if another process is sending, or where a
        message can't be composed or handed over. Whatever happened, sending again goes on.
        """
        with self.database.sole_sender(), _overtaking_reported():
            self._settle_what_a_dead_sender_left()
            # Counted and recorded at once: nobody joins or leaves between.
            with self.database.transaction() as connection:
                intent = self._intent(connection, chosen)
                if intent.messages != count:
                    raise ProblemsFound([_other_count(intent.messages, count)])
                self._try_composing(intent.plan)
                self._record(connection, intent.plan)
            self._hand_over_all()
            return intent

    def counts(self) -> Counts:
        with self.database.transaction() as connection:
            accepted = deliveries.count(connection, *TAKEN)
            unknown = deliveries.count(connection, State.UNKNOWN)
            return Counts(accepted, batches.found(connection), unknown)

    def _settle_what_a_dead_sender_left(self) -> None:
        with self.database.transaction() as connection:
            batches.take_over(connection)
            in_doubt = batches.in_doubt(connection, self.provider_name)
        evidence = self.provider.look_up(in_doubt)
        with self.database.transaction() as connection:
            batches.settle(connection, evidence)

    def _try_composing(self, new: Plan) -> None:
        """Find a template's faults before anything is announced."""
        for planned in new.announcements:
            for recipient in planned.recipients[:1]:
                self.sample(planned.article, recipient)

    def sample(self, article: Entry, recipient: Subscriber) -> bytes:
        """The message that a subscriber would get, but for its delivery's id."""
        delivery = Delivery("0" * 24, article.id, recipient, self._now())
        return self.composer.compose(article, delivery).content

    def _record(self, connection: Connection, new: Plan) -> None:
        deliveries.record_baseline(connection, new.baseline, self._now())
        for planned in new.announcements:
            deliveries.record_announcement(connection, planned, self._now())

    def _hand_over_all(self) -> None:
        with self.database.transaction() as connection:
            unfinished = deliveries.unfinished(connection)
        articles = {article.id: article for article in self.manifest.articles}
        missing = [article_id for _, article_id in unfinished if article_id not in articles]
        for announced, article_id in unfinished:
            if article_id in articles:
                while batch := self._reserve(announced, articles[article_id]):
                    self._attempt(batch)
        if missing:
            raise ProblemsFound([_not_published(article_id) for article_id in missing])

    def _reserve(self, announced: int, article: Entry) -> Batch | None:
        """Freeze the next batch of an announcement; None when there is none."""
        with self.database.transaction() as connection:
            due = deliveries.next_planned(connection, announced, self.provider.limit)
            if not due:
                return None
            payload = self.provider.freeze([self.composer.compose(article, one) for one in due])
            ids = [one.id for one in due]
            return batches.reserve(
                connection, announced, self.provider_name, ids, payload, self._now()
            )

    def _attempt(self, batch: Batch) -> None:
        with self.database.transaction() as connection:
            left = deliveries.unwanted(connection, batch.delivery_ids)
            if left:  # since the bytes were frozen: freeze them again without those
                deliveries.skip(connection, left, State.RESERVED)
                batches.release(connection, [one for one in batch.delivery_ids if one not in left])
                return
            number = batches.begin_attempt(connection, batch, self._now())
        receipts, outcome, problem = self._ask(batch)
        with self.database.transaction() as connection:
            batches.end_attempt(connection, batch, number, receipts, outcome, self._now())
        if problem:
            raise ProblemsFound([problem])

    def _ask(self, batch: Batch) -> tuple[list[Receipt], str, Problem | None]:
        """Hand a batch over, once: receipts, the outcome in a few words, and what stops the run."""
        try:
            receipts = self.provider.hand_over(batch.payload, batch.key)
        except NotAccepted as error:
            refused = [Receipt(one, Outcome.NOT_ACCEPTED) for one in batch.delivery_ids]
            return refused, "not accepted", error.problem
        except Exception as error:  # noqa: BLE001  # whatever it was, nobody knows what came of it
            outcome = f"no answer: {type(error).__name__}"
            return [], outcome, _no_answer(self.provider_name, outcome)
        back = [one for one in receipts if one.outcome is Outcome.NOT_ACCEPTED]
        problem = _given_back(self.provider_name, back) if back else None
        return receipts, "answered", problem


@contextmanager
def _overtaking_reported() -> Iterator[None]:
    try:
        yield
    except deliveries.Overtaken:
        message = "another sender has taken over what this one was doing"
        hint = "nothing is lost or told twice: look at newsletter status, and send again"
        raise ProblemsFound([Problem("send", 0, 0, Code.REFUSED, message, hint)]) from None


def prepare(place: Place, database: Database, provider: str | None = None) -> Sender:
    """The Sender of a publication, with series.toml's provider if none is named.

    Raises ProblemsFound where settings, site or provider are not as they have to be.
    """
    settings = config.load(place.root)
    published = manifest.load(place.root / "site")
    composed = composer(place.root, settings, published)
    name = provider or composed.newsletter.provider
    return Sender(
        database, connect(name, place), name, composed, published, lambda: datetime.now(UTC)
    )


def _other_count(messages: int, count: int) -> Problem:
    message = f"{messages} messages would be handed over, not {count}"
    hint = f"look at the dry run again; if it is right, --confirm {messages}"
    return Problem("send", 0, 0, Code.REFUSED, message, hint)


def _not_published(article_id: str) -> Problem:
    message = f"the article `{article_id}` is announced to some and no longer published"
    hint = "publish it again to tell the others"
    return Problem("send", 0, 0, Code.REFUSED, message, hint)


def _no_answer(provider: str, outcome: str) -> Problem:
    message = f"{provider} gave {outcome}; what it did with this batch is unknown"
    hint = "nothing of it is sent again until that is known: see newsletter status"
    return Problem("send", 0, 0, Code.REFUSED, message, hint)


def _given_back(provider: str, back: Sequence[Receipt]) -> Problem:
    message = f"{provider} did not accept {len(back)} messages: {back[0].detail}"
    return Problem("send", 0, 0, Code.REFUSED, message, "mend that, and send again")
