"""Whatever happens, in whatever order: nobody is told twice, and the counts add up."""

import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
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
from newsletter.intents import WHAT_IS_NEW, Intent
from newsletter.model import (
    IN_FLIGHT,
    TAKEN,
    Asked,
    Batch,
    Cadence,
    Kind,
    Mail,
    Memory,
    Message,
    Outcome,
    Receipt,
    State,
)
from newsletter.opening import journal_of
from newsletter.send import Choice
from newsletter.store import evidence, joining, tallies, wishes
from newsletter.store.remembering import Remembering
from newsletter.store.schema import announcement, delivery, subscriber, topic
from newsletter.store.wishes import Wishes
from press.manifest import Change, Entry
from press.problems import ProblemsFound
from tests.newsletter.conftest import Told, entry, make_series, open_series
from tests.newsletter.wishing import BEGAN, CATCH_UP, DIGEST, told_by

PEOPLE = st.sampled_from(["ada", "bob", "cy", "dee"])
ARTICLES = st.sampled_from(["first", "second", "third", "fourth"])
TAGS = {"second": ("rust",), "third": ("rust", "async"), "fourth": ("css",)}
TOPICS = st.frozensets(st.sampled_from(["rust", "async"]), max_size=1)
WAYS = st.sampled_from([("each", 0), ("weekly", 0), ("course", 1), ("course", 3)])
SENDS = st.sampled_from([Choice(), Choice(course=True), DIGEST, DIGEST, CATCH_UP])
KINDS = st.sampled_from(["delivered", "bounced", "complained", "opened"])
NOW = BEGAN.isoformat()
VERSION = re.compile(r"\[v([\d,]*)\].*?/series/([a-z]+)\.html", re.DOTALL)
FAULT = re.compile(r"Fault (\d+)\.")


class Died(BaseException):
    """The sender's process, at one of its steps."""


class Carried(NamedTuple):
    """A message that was accepted."""

    delivery: str
    recipient: str
    what: str
    """The articles that it tells of, as `first+second`; of an update after `update `."""
    at: datetime
    versions: dict[str, list[int]]
    """The corrections that each of them had by then, as the mail shows it."""
    fault: int | None
    """The one that a correction tells."""

    @property
    def name(self) -> str:
        return self.recipient.partition("@")[0]

    @property
    def articles(self) -> list[str]:
        """Those that it tells of as new."""
        return [] if " " in self.what else self.what.split("+")


class Carrier:
    """Accepts whatever it is handed, as often as it is handed it; its log is the judge."""

    memory = Memory(asks=True)
    leaves = False

    def __init__(self) -> None:
        self.log: list[Carried] = []
        """Each message, as accepted."""
        self.now = BEGAN
        self.fatal = 0
        """Of so many messages it dies at the last one."""
        self.before = False
        """Before it accepts that; or after."""

    def limit(self, mail: Mail) -> int:  # noqa: ARG002
        return 2

    def freeze(self, messages: Sequence[Message]) -> bytes:
        return json.dumps([[one.recipient, *_read(one)] for one in messages]).encode()

    def hand_over(self, batch: Batch) -> list[Receipt]:
        messages = zip(batch.delivery_ids, json.loads(batch.payload), strict=True)
        for one, (recipient, what, versions, fault) in messages:
            self.fatal -= 1
            if self.fatal == 0 and self.before:
                raise Died
            self.log.append(Carried(one, recipient, what, self.now, versions, fault))
            if self.fatal == 0:
                raise Died
        return [Receipt(one, Outcome.ACCEPTED) for one in batch.delivery_ids]

    def look_up(self, asked: Sequence[Asked]) -> list[Receipt]:
        known = {one.delivery for one in self.log}
        outcomes = (Outcome.NOT_ACCEPTED, Outcome.ACCEPTED)
        return [Receipt(one.delivery_id, outcomes[one.delivery_id in known]) for one in asked]


def _read(message: Message) -> tuple[str, dict[str, list[int]], int | None]:
    """What a mail tells of, in which version, and which fault was corrected."""
    what, text = told_by(message), message.mail.text
    found = {name: [int(n) for n in old.split(",") if n] for old, name in VERSION.findall(text)}
    fault = FAULT.search(text) if what.startswith("correction ") else None
    return what, found, int(fault[1]) if fault else None


def _with_faults(article: Entry, *faults: Change) -> Entry:
    """The article with these corrections; its description shows them, and so each of its mails."""
    shown = ",".join(str(int(one.note[6:-1])) for one in faults)
    updated = max([article.updated, *(one.date for one in faults)])
    return replace(article, description=f"[v{shown}]", changes=faults, updated=updated)


class Publishing(RuleBasedStateMachine):
    """People come and go, articles appear, change and move, senders die, ledgers are restored.

    Mail goes out all the while, by a provider whose log is the judge.
    """

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.series: Told = make_series(Path(self.folder.name))
        self.carrier = Carrier()
        self.articles: dict[str, Entry] = {"first": _with_faults(entry(0, "first"))}
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
            heard = self.carrier.log[number % len(self.carrier.log)]
            told = heard.delivery
            event = evidence.Event("carrier", kind, told, f"{kind} {told}")
            for _ in range(2):
                leaving.record(self.series.database, self.series.sender.journal, [event], NOW)
            if kind in evidence.CLOSES and self._is_known(told):
                self._leaves(heard.name)

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
        made = replace(entry(len(self.articles), name), tags=TAGS.get(name, ()))
        self.articles.setdefault(name, _with_faults(made))
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

    @rule(name=ARTICLES)
    def correct(self, name: str) -> None:
        if article := self.articles.get(name):
            self.changes += 1
            date = f"2026-07-01T00:00:{self.changes:02}+00:00"
            fault = Change(date, f"Fault {self.changes}.", correction=True)
            self.articles[name] = _with_faults(article, *article.changes, fault)
            self._publish()

    @rule(name=ARTICLES)
    def correct_and_send(self, name: str) -> None:
        self.correct(name)
        self.send_correction(name)

    @rule(name=ARTICLES)
    def correct_by_an_update(self, name: str) -> None:
        self.publish_and_send(name)
        self.correct(name)
        self.send_update(name)
        self.send_correction(name)

    @rule(name=ARTICLES)
    def send_correction(self, name: str) -> None:
        """Afterwards nobody is left who was told what was wrong, and never what is right."""
        if not self._send(Choice(correction=[name])):
            return
        for fault in (int(one.note[6:-1]) for one in self.articles[name].changes):
            misled = {one.name for one in self.carrier.log if self._misleads(one, name, fault)}
            put_right = {one.name for one in self.carrier.log if self._tells(one, name, fault)}
            assert not (misled - put_right) & self._reachable()

    @staticmethod
    def _misleads(one: Carried, name: str, fault: int) -> bool:
        return one.fault is None and fault not in one.versions.get(name, [fault])

    @staticmethod
    def _tells(one: Carried, name: str, fault: int) -> bool:
        has_it = one.fault is None and fault in one.versions.get(name, [])
        return has_it or one.fault == fault

    def _reachable(self) -> set[str]:
        with self.series.database.transaction() as connection:
            query = select(subscriber.c.email).where(
                subscriber.c.standing == "confirmed", subscriber.c.paused == 0
            )
            found = {one.partition("@")[0] for one in connection.execute(query).scalars()}
        return found - self.gone

    @rule()
    def withdraw(self) -> None:
        self.articles.pop("third", None)
        self._publish()

    def _send(self, choice: Choice = WHAT_IS_NEW) -> bool:
        """Whether all that there was to tell was told."""
        made = self.series.sender
        carrier = runs.Carrier(self.carrier, "carrier")
        sender = replace(made, carrier=carrier, clock=lambda: self.carrier.now)
        before, paused = len(self.carrier.log), self._paused()
        with suppress(ProblemsFound):  # an article that was withdrawn, or never changed
            intent = sender.intend(choice)
            self._require_their_turn(intent)
            try:
                sender.send(intent.messages, choice)
            finally:
                assert not paused & {one.name for one in self.carrier.log[before:]}
            self._require_all_planned(intent)
            return True
        return False

    def _paused(self) -> set[str]:
        with self.series.database.transaction() as connection:
            query = select(subscriber.c.email).where(subscriber.c.paused != 0)
            return {one.partition("@")[0] for one in connection.execute(query).scalars()}

    def _require_their_turn(self, intent: Intent) -> None:
        """A digest or a part of a course is for who was told of none of it, and is not too early.

        A part is the first of the series that they have no delivery of and wish to be told of.
        """
        for one in intent.plan.picked:
            for who in one.subscribers:
                name, wished = self._who(who)
                mails = [mail for mail in self.carrier.log if mail.name == name]
                told = {article for mail in mails for article in mail.articles}
                assert not told & {article.id for article in one.articles}
                if one.kind is Kind.NEW:
                    days = wished.every_days
                    self._require_first(one.id, who, wished, told)
                else:
                    days = 7
                    mails = [mail for mail in mails if mail.delivery in self._digests()]
                latest = max((mail.at for mail in mails if mail.articles), default=None)
                pause = timedelta(days=days) - timedelta(hours=12)
                assert latest is None or self.carrier.now - latest >= pause

    def _who(self, who: int) -> tuple[str, Wishes]:
        with self.series.database.transaction() as connection:
            email = select(subscriber.c.email).where(subscriber.c.id == who)
            name = connection.execute(email).scalar_one().partition("@")[0]
            return name, wishes.of(connection, who)

    def _digests(self) -> set[str]:
        with self.series.database.transaction() as connection:
            query = select(delivery.c.id).join(announcement)
            return {*connection.execute(query.where(announcement.c.kind == "digest")).scalars()}

    def _require_first(self, article: str, who: int, wished: Wishes, told: set[str]) -> None:
        with self.series.database.transaction() as connection:
            query = select(announcement.c.article_id).join(delivery)
            theirs = (delivery.c.subscriber_id == who, announcement.c.kind == "new")
            handled = {*connection.execute(query.where(*theirs)).scalars()}
        for one in sorted(self.articles.values(), key=lambda one: one.number):
            if one.id == article:
                break
            assert one.id in told | handled or wished.topics.isdisjoint(one.tags)

    def _require_all_planned(self, intent: Intent) -> None:
        """Nobody who wishes to be told of each article is left out of what was announced."""
        for planned in intent.plan.announcements:
            if planned.kind is not Kind.NEW:
                continue
            has = (
                select(delivery.c.id)
                .join(announcement)
                .where(
                    announcement.c.article_id == planned.article.id,
                    announcement.c.kind == "new",
                    delivery.c.subscriber_id == subscriber.c.id,
                )
            )
            left_out = select(subscriber.c.email).where(
                subscriber.c.standing == "confirmed", subscriber.c.cadence == "each",
                subscriber.c.paused == 0, ~has.correlate(subscriber).exists(),
                subscriber.c.id.not_in(select(topic.c.subscriber_id)),
            )  # fmt: skip
            with self.series.database.transaction() as connection:
                assert connection.execute(left_out).all() == []

    @rule(name=PEOPLE, way=WAYS, topics=TOPICS)
    def wish(self, name: str, way: tuple[str, int], topics: frozenset[str]) -> None:
        cadence, days = way
        self._wish(name, cadence=Cadence(cadence), every_days=days, topics=topics)

    @rule(name=PEOPLE, paused=st.booleans())
    def pause(self, name: str, paused: bool) -> None:
        self._wish(name, paused=paused)

    def _wish(self, name: str, **changes: Any) -> None:
        with self.series.database.transaction() as connection:
            who = joining.is_subscriber(connection, f"{name}@example.org")
            if who is not None:
                wishes.set(connection, who, replace(wishes.of(connection, who), **changes))

    @rule(days=st.sampled_from([0.25, 1, 3, 7]))
    def days_pass(self, days: float) -> None:
        self.carrier.now += timedelta(days=days)

    @rule(choice=SENDS)
    def send(self, choice: Choice) -> None:
        self._send(choice)

    @rule(name=ARTICLES)
    def send_update(self, name: str) -> None:
        self._send(Choice(update=[name]))

    @rule(fatal=st.integers(1, 6), before=st.booleans(), choice=SENDS)
    def send_and_die(self, fatal: int, before: bool, choice: Choice) -> None:
        self.carrier.fatal, self.carrier.before = fatal, before
        with suppress(Died), patch("newsletter.handing.Handing._take_back", self._died):
            self._send(choice)
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
        self._send(DIGEST)
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
                now = self.carrier.now.isoformat(timespec="seconds")
                Remembering(connection, now).take_all(journal.all())
        except ProblemsFound:
            pass
        assert self._mails() == before

    def _mails(self) -> Counter[str]:
        return Counter(one.name for one in self.carrier.log)

    @invariant()
    def nobody_has_two_mails_of_one_announcement(self) -> None:
        if hasattr(self, "series"):
            # The first half of a delivery's id is its announcement's.
            told = Counter((one.delivery[:12], one.recipient) for one in self.carrier.log)
            assert max(told.values(), default=0) <= 1

    @invariant()
    def nobody_is_told_of_an_article_twice_by_any_way(self) -> None:
        if hasattr(self, "series"):
            told = Counter((one.name, what) for one in self.carrier.log for what in one.articles)
            assert max(told.values(), default=0) <= 1, told

    @invariant()
    def a_correction_is_told_once_to_who_was_told_what_was_wrong_and_nothing_else(self) -> None:
        if not hasattr(self, "series"):
            return
        for number, one in enumerate(self.carrier.log):
            if one.fault is not None:
                name = one.what.removeprefix("correction ")
                before = [old for old in self.carrier.log[:number] if old.name == one.name]
                assert any(self._misleads(old, name, one.fault) for old in before), one
                assert not any(self._tells(old, name, one.fault) for old in before), one

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
