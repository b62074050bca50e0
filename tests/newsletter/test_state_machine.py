"""Whatever happens, in whatever order: nobody is told twice, and the counts add up."""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import func, select

from newsletter import gates, leaving, runs
from newsletter.model import (
    IN_FLIGHT,
    TAKEN,
    Asked,
    Batch,
    Mail,
    Memory,
    Message,
    Outcome,
    Receipt,
    State,
)
from newsletter.opening import journal_of
from newsletter.send import Choice
from newsletter.store import evidence, tallies
from newsletter.store.remembering import Remembering
from newsletter.store.schema import delivery
from press.manifest import Entry
from press.problems import ProblemsFound
from tests.newsletter.conftest import Told, entry, make_series, open_series

PEOPLE = st.sampled_from(["ada", "bob", "cy", "dee"])
ARTICLES = st.sampled_from(["first", "second", "third", "fourth"])
KINDS = st.sampled_from(["delivered", "bounced", "complained", "opened"])
NOW = "2026-06-01T12:00:00+00:00"


class Died(BaseException):
    """The sender's process, at one of its steps."""


class Carrier:
    """Accepts whatever it is handed, as often as it is handed it; its log is the judge."""

    memory = Memory(asks=True)
    leaves = False

    def __init__(self) -> None:
        self.log: list[tuple[str, str]] = []
        """Delivery and recipient of each message, as accepted."""
        self.fatal = 0
        """Of so many messages it dies at the last one."""
        self.before = False
        """Before it accepts that; or after."""

    def limit(self, mail: Mail) -> int:  # noqa: ARG002
        return 2

    def freeze(self, messages: Sequence[Message]) -> bytes:
        return json.dumps([one.recipient for one in messages]).encode()

    def hand_over(self, batch: Batch) -> list[Receipt]:
        for one, recipient in zip(batch.delivery_ids, json.loads(batch.payload), strict=True):
            self.fatal -= 1
            if self.fatal == 0 and self.before:
                raise Died
            self.log.append((one, recipient))
            if self.fatal == 0:
                raise Died
        return [Receipt(one, Outcome.ACCEPTED) for one in batch.delivery_ids]

    def look_up(self, asked: Sequence[Asked]) -> list[Receipt]:
        known = {one for one, _ in self.log}
        outcomes = (Outcome.NOT_ACCEPTED, Outcome.ACCEPTED)
        return [Receipt(one.delivery_id, outcomes[one.delivery_id in known]) for one in asked]


class Publishing(RuleBasedStateMachine):
    """People come and go, articles appear, change and move, senders die, ledgers are restored.

    Mail goes out all the while, by a provider whose log is the judge.
    """

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.series: Told = make_series(Path(self.folder.name))
        self.carrier = Carrier()
        self.articles: dict[str, Entry] = {"first": entry(0, "first")}
        self.gone: set[str] = set()
        self.told_when_gone: Counter[str] = Counter()
        self.copied = False
        self.changes = 0
        self._publish()
        self._send()  # what is there is known
        self.series.subscribe("ada", "bob")

    def teardown(self) -> None:
        self.series.database.close()
        self.folder.cleanup()

    @property
    def root(self) -> Path:
        return self.series.root

    def _publish(self) -> None:
        by_number = sorted(self.articles.values(), key=lambda article: article.number)
        self.series.publish(*by_number)

    @rule(name=PEOPLE)
    def subscribe(self, name: str) -> None:
        self.series.subscribe(name)

    def _leaves(self, name: str) -> None:
        """From now on there must be no mail to somebody."""
        if name not in self.gone:
            self.told_when_gone[name] = self._mails()[name]
        self.gone.add(name)

    @rule(name=PEOPLE)
    def unsubscribe(self, name: str) -> None:
        journal = self.series.sender.journal
        leaving.leave(self.series.database, journal, [f"{name}@example.org"], "a test", NOW)
        self._leaves(name)

    @rule(kind=KINDS, number=st.integers(0, 99))
    def hear(self, kind: str, number: int) -> None:
        """The provider tells of a delivery that it has; twice, as providers do."""
        if self.carrier.log:
            told, recipient = self.carrier.log[number % len(self.carrier.log)]
            event = evidence.Event("carrier", kind, told, f"{kind} {told}")
            for _ in range(2):
                leaving.record(self.series.database, self.series.sender.journal, [event], NOW)
            if kind in evidence.CLOSES and self._is_known(told):
                self._leaves(recipient.partition("@")[0])

    def _is_known(self, told: str) -> bool:
        with self.series.database.transaction() as connection:
            query = select(delivery.c.id).where(delivery.c.id == told)
            return connection.execute(query).scalar() is not None

    @rule(name=ARTICLES)
    def publish_and_send(self, name: str) -> None:
        self.publish(name)
        self._send()

    @rule(name=ARTICLES)
    def publish(self, name: str) -> None:
        self.articles.setdefault(name, entry(len(self.articles), name))
        self._publish()

    @rule(name=ARTICLES, number=st.integers(10, 99))
    def move(self, name: str, number: int) -> None:
        if name in self.articles:
            moved = replace(self.articles[name], number=number, slug=f"s{number}", title="Renamed")
            self.articles[name] = moved
            self._publish()

    @rule(name=ARTICLES)
    def edit(self, name: str) -> None:
        if name in self.articles:
            self.changes += 1
            date = f"2026-07-01T00:00:{self.changes:02}+00:00"
            self.articles[name] = replace(self.articles[name], updated=date)
            self._publish()

    @rule()
    def withdraw(self) -> None:
        self.articles.pop("third", None)
        self._publish()

    def _send(self, *updates: str) -> None:
        made = self.series.sender
        sender = replace(made, carrier=runs.Carrier(self.carrier, "carrier"))
        choice = Choice(update=updates)
        with suppress(ProblemsFound):  # an article that was withdrawn, or never changed
            sender.send(sender.intend(choice).messages, choice)

    @rule()
    def send(self) -> None:
        self._send()

    @rule(name=ARTICLES)
    def send_update(self, name: str) -> None:
        self._send(name)

    @rule(fatal=st.integers(1, 6), before=st.booleans())
    def send_and_die(self, fatal: int, before: bool) -> None:
        self.carrier.fatal, self.carrier.before = fatal, before
        with suppress(Died), patch("newsletter.handing.Handing._take_back", self._died):
            self._send()
        self.carrier.fatal = 0

    @staticmethod
    def _died(*_: object) -> None:
        """Who is dead writes nothing down."""
        raise Died

    @rule()
    def copy(self) -> None:
        """Make a backup of the ledger, as of now."""
        self.series.database.close()
        shutil.copy(self.root / "var/ledger.db", self.root / "backup.db")
        self.series = open_series(self.root)
        self.copied = True

    @rule(name=ARTICLES)
    def lose_what_was_told(self, name: str) -> None:
        self.copy()
        self.publish_and_send(name)
        self.restore()
        self._send()

    @precondition(lambda self: self.copied)
    @rule()
    def restore(self) -> None:
        """Put the backup in the ledger's place: it may have forgotten something."""
        self.series.database.close()
        shutil.copy(self.root / "backup.db", self.root / "var/ledger.db")
        self.series = open_series(self.root)
        before = self._mails()
        try:
            self.series.sender.intend()
        except gates.Shut:
            with self.series.database.planning() as connection:
                journal = journal_of(self.series.place, connection)
                Remembering(connection, NOW).take_all(journal.all())
        except ProblemsFound:
            pass
        assert self._mails() == before

    def _mails(self) -> Counter[str]:
        return Counter(recipient.partition("@")[0] for _, recipient in self.carrier.log)

    @invariant()
    def nobody_has_two_mails_of_one_announcement(self) -> None:
        if hasattr(self, "series"):
            # The first half of a delivery's id is its announcement's.
            told = Counter((one[:12], recipient) for one, recipient in self.carrier.log)
            assert max(told.values(), default=0) <= 1

    @invariant()
    def nobody_is_told_after_they_have_left(self) -> None:
        if hasattr(self, "series"):
            mails = self._mails()
            for name in self.gone:
                assert mails[name] <= self.told_when_gone[name]

    @invariant()
    def what_is_accepted_is_in_the_log(self) -> None:
        if hasattr(self, "series"):
            states = Counter(self.series.states())
            in_doubt = states["attempting"] + states["unknown"]
            taken = sum(states[state] for state in TAKEN)
            assert taken <= len(self.carrier.log) <= taken + in_doubt

    @invariant()
    def the_counts_add_up(self) -> None:
        if not hasattr(self, "series"):
            return
        with self.series.database.transaction() as connection:
            total = connection.execute(select(func.count(delivery.c.id))).scalar_one()
            by_state = select(delivery.c.state, func.count(delivery.c.id))
            counted = {
                State(state): n
                for state, n in connection.execute(by_state.group_by(delivery.c.state))
            }
            kept = {state: tallies.count(connection, state) for state in State}
        assert {state: n for state, n in kept.items() if n} == counted
        ended = (*TAKEN, State.REJECTED, State.SKIPPED, State.UNKNOWN)
        assert total == sum(kept[state] for state in (*ended, *IN_FLIGHT))


TestPublishing = Publishing.TestCase
TestPublishing.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
