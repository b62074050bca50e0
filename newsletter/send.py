"""Tells subscribers of new articles: what a send would do, and doing it.

Plan, count, check the gates, record what is announced, then hand it over (`handing`) and find out
what is unknown (`settling`). Sending again goes on, wherever it stopped.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from newsletter import gates, intents, settling
from newsletter.compose import SITE, Composer, composer
from newsletter.connecting import connect
from newsletter.handing import Handing, Letter
from newsletter.intents import WHAT_IS_NEW
from newsletter.intents import Choice as Choice
from newsletter.intents import Intent as Intent
from newsletter.journal import Journal
from newsletter.mime import content
from newsletter.model import Announced, Batch, Kind, Mail, Message, Outcome, State
from newsletter.opening import journal_of
from newsletter.place import Place
from newsletter.plan import Picked, Plan, Planned, can_be_told
from newsletter.runs import Carrier, Progress
from newsletter.settling import Settling
from newsletter.store import announcements, batches, deliveries, doubts, identity, picks, tallies
from newsletter.store.database import Connection, Database
from press import config, manifest
from press.manifest import Entry, Manifest
from press.problems import Code, Problem, ProblemsFound

ROUNDS = 10
"""How often a run goes over what turned out not to be accepted."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A publication's newsletter, ready to send."""

    database: Database
    carrier: Carrier
    composer: Composer
    manifest: Manifest
    journal: Journal
    clock: Callable[[], datetime]
    stop: Event = field(default_factory=Event)
    """Set to stop a run after the batch that it is handing over."""
    fetch: gates.Fetch = gates.fetch

    def _now(self) -> str:
        return self.clock().astimezone(UTC).isoformat(timespec="seconds")

    @property
    def gate(self) -> gates.Ledger:
        return gates.Ledger(self.database, self.journal)

    def intend(self, choice: Choice = WHAT_IS_NEW) -> Intent:
        """What `send` would do: its first steps are taken, and taken back.

        Raises ProblemsFound for a wrong choice, and Shut for a ledger that may not send.
        """
        with self.database.transaction() as connection:
            self.gate.require(connection)
            living = self.database.others(connection, "")
            doubtful = list(doubts.in_doubt(connection, self.carrier.name, living))
        receipts = settling.evidence(self.carrier.provider, doubtful, self.clock())
        said = {receipt.delivery_id: receipt for receipt in receipts}
        with self.database.rehearsal() as connection:
            batches.take_over(connection, living, self._now())
            for one in doubts.in_doubt(connection, self.carrier.name, living):
                mine = [said[a.delivery_id] for a in one.asked if a.delivery_id in said]
                with suppress(deliveries.Overtaken):  # another sender settles it at this moment
                    batches.settle(connection, one.batch, mine, self._now())
            return self._intent(connection, choice)

    def _intent(self, connection: Connection, choice: Choice | None) -> Intent:
        return intents.intent(connection, self.manifest, choice, self.clock().astimezone(UTC))

    def check(self, intent: Intent, *, verify: bool = True) -> None:
        """Raise Shut unless what mails would say and lead to is as it has to be."""
        if not self.carrier.provider.leaves or not intent.messages:
            return
        newsletter = self.composer.newsletter
        problems = list(gates.settings(newsletter))
        if verify:
            problems += gates.live(self.fetch, newsletter, self.manifest, intent.pages)
        if problems:
            raise gates.Shut(problems)

    def send(
        self,
        count: int | None,
        choice: Choice = WHAT_IS_NEW,
        *,
        verify: bool = True,
        progress: Progress | None = None,
    ) -> Intent:
        """Do it, if it is `count` messages, and say what it was; None to help another sender.

        Raises ProblemsFound if it is another number, if another process is sending, or where a
        message can't be composed; Shut and Paused as they say; Stopped when it was asked to.
        Whatever happened, sending again goes on.
        """
        with self.database.sending() as right, _overtaking_reported():
            with self.database.transaction() as connection:
                self.gate.require(connection)
                installed = identity.name(connection)
            run = progress or Progress()
            handing = Handing(
                self.database, right, self.carrier, self.journal, installed,
                self.clock, self.stop, run,
            )  # fmt: skip
            settler = Settling(handing)
            settler.take_over()
            settler.settle(patient=False)
            intent = self._begin(count, choice, verify=verify)
            run.begin(intent.messages)
            self._go_on(handing, settler)
            with self.database.planning() as connection:
                tallies.compact(connection)
            return intent

    def _begin(self, count: int | None, choice: Choice, *, verify: bool) -> Intent:
        """Count and record what is announced at once: nobody joins or leaves between."""
        wanted = None if count is None else choice
        with self.database.rehearsal() as connection:
            expected = self._intent(connection, wanted)
        self.check(expected, verify=verify)  # takes its time: nobody has to wait for it
        with self.database.planning() as connection:
            intent = self._intent(connection, wanted)
            if count is not None and intent.messages != count:
                raise ProblemsFound([_other_count(intent.messages, count)])
            self._record(connection, intent.plan)
            return intent

    def _record(self, connection: Connection, made: Plan) -> None:
        """Write down all that is announced, unless something of it can't be composed."""
        for planned in made.announcements:
            self.sample(planned.article, planned.kind, planned.revision)
        for one in made.picked:
            self.sample_of(one)
        announcements.record_baseline(connection, made.baseline, self._now())
        for planned in made.announcements:
            announcements.record_announcement(connection, planned, self._now())
        for one in made.picked:
            picks.record(connection, one, self._now())
        if made.announcements or made.picked:
            self.database.learn(connection)

    def _go_on(self, handing: Handing, settler: Settling) -> None:
        """Hand over all that is planned, and again what came back or was not accepted."""
        published = {article.id: article for article in self.manifest.articles}
        for turn in range(ROUNDS):
            todo = [one for one in self._unfinished() if can_be_told(one, published)]
            if turn and not todo:
                break
            for one in todo:
                handing.announcement(one, self._letter(one))
            settler.settle(patient=True)
        if missing := list(self._missing(published)):
            raise ProblemsFound(missing)

    def _missing(self, published: Mapping[str, Entry]) -> Iterator[Problem]:
        """What is announced to some, and can't be told to the others."""
        left = [one for one in self._unfinished() if not can_be_told(one, published)]
        gone = [name for one in left for name in one.articles if name not in published]
        yield from (_not_published(name) for name in dict.fromkeys(gone))
        yield from (_not_in_it(one) for one in left if published.keys() >= {*one.articles})

    def _letter(self, one: Announced) -> Letter:
        """The mail of an announcement, and the version of each article that it tells."""
        told = [self._published(name) for name in one.articles]
        if one.kind is Kind.CORRECTION:
            changes = [(one.article_id, one.revision)]
        else:
            changes = [(entry.id, change.id) for entry in told for change in entry.changes]
        return Letter(self._mail(one.kind, one.article_id, one.articles, one.revision), changes)

    def _published(self, article_id: str) -> Entry:
        return next(one for one in self.manifest.articles if one.id == article_id)

    def _mail(
        self, kind: Kind, identity: str, articles: Collection[str], revision: str = ""
    ) -> Mail:
        """The mail of an announcement; a digest tells its articles in the order of the series."""
        told = [article for article in self.manifest.articles if article.id in articles]
        if kind is Kind.DIGEST:
            return self.composer.digest(told, identity)
        return self.composer.mail(told[0], kind, revision)

    def _unfinished(self) -> list[Announced]:
        with self.database.transaction() as connection:
            return announcements.unfinished(connection)

    def unknown(self) -> int:
        """How many deliveries of the whole ledger are unknown."""
        with self.database.transaction() as connection:
            return tallies.count(connection, State.UNKNOWN)

    def sample(self, article: Entry, kind: Kind = Kind.NEW, revision: str = "") -> bytes:
        """The message that a subscriber would get, but for who they are."""
        mail = self.composer.mail(article, kind, revision)
        return content(self._message(mail, "reader@example.org"))

    def sample_of(self, picked: Picked) -> bytes:
        """The same of what is picked for some."""
        return content(self._message(self.mail_of(picked), "reader@example.org"))

    def mail_of(self, picked: Picked) -> Mail:
        return self._mail(picked.kind, picked.id, {article.id for article in picked.articles})

    def _message(self, mail: Mail, to: str) -> Message:
        return Message(mail, "0" * 28, to, "0" * 16, self._now())

    def test(self, planned: Planned, to: str) -> Outcome:
        """Send one marked copy to somebody, outside of the ledger. Raises Refused.

        What came of it is UNKNOWN where the provider does not say.
        """
        mail = self.composer.mail(planned.article, planned.kind, planned.revision, marked=True)
        identifier = "test" + self.clock().strftime("%Y%m%d%H%M%S%f")
        message = replace(self._message(mail, to), delivery_id=identifier)
        payload = self.carrier.provider.freeze([message])
        batch = Batch(0, 0, identifier, payload, 0, (identifier,))
        receipts = self.carrier.provider.hand_over(batch)
        return receipts[0].outcome if receipts else Outcome.UNKNOWN


@contextmanager
def _overtaking_reported() -> Iterator[None]:
    try:
        yield
    except deliveries.Overtaken:
        message = "another sender has taken over what this one was doing"
        hint = "nothing is lost or told twice: look at `newsletter status`, and send again"
        raise ProblemsFound([Problem("send", 0, 0, Code.REFUSED, message, hint)]) from None


def prepare(
    place: Place, database: Database, provider: str | None = None, site: Path | None = None
) -> Sender:
    """The Sender of a publication, with series.toml's provider if none is named.

    `site` stands for a site that is built elsewhere.
    Raises ProblemsFound where settings, site or provider are not as they have to be.
    """
    settings = config.load(place.root)
    site = site or place.root / SITE
    published = manifest.load(site)
    composed = composer(place.root, settings, published, site)
    newsletter = composed.newsletter
    name = provider or newsletter.provider
    carried = connect(name, place, newsletter.options.get(name))
    with database.transaction() as connection:
        journal = journal_of(place, connection)
    return Sender(
        database,
        Carrier(carried, name, newsletter.rate, newsletter.batch),
        composed,
        published,
        journal,
        lambda: datetime.now(UTC),
    )


def _other_count(messages: int, count: int) -> Problem:
    message = f"{messages} messages would be handed over, not {count}"
    hint = f"look at the dry run again; if it is right, --confirm {messages}"
    return Problem("send", 0, 0, Code.REFUSED, message, hint)


def _not_published(article_id: str) -> Problem:
    message = f"the article `{article_id}` is announced to some and no longer published"
    hint = "publish it again to tell the others"
    return Problem("send", 0, 0, Code.REFUSED, message, hint)


def _not_in_it(one: Announced) -> Problem:
    message = f"the correction of {one.revision} is told to some, and `{one.article_id}` lost it"
    hint = "put it back into its `changes`, with the same date, to tell the others"
    return Problem("send", 0, 0, Code.REFUSED, message, hint)
