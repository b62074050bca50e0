"""Gives a restored ledger back what its journal has and it has not.

What it has forgotten to have handed over is unknown then: its bytes are lost, so that its provider
can be asked about it, and it is never handed over again without evidence.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from newsletter.addresses import mailbox
from newsletter.journal import Came, Left, Noted
from newsletter.journal import Entry as Told
from newsletter.model import Kind, Standing, State
from newsletter.store import (
    announcements,
    evidence,
    frozen,
    identity,
    joining,
    personal,
    picks,
    subscribers,
    tallies,
    versions,
)
from newsletter.store.deliveries import move
from newsletter.store.portions import portions
from newsletter.store.schema import attempt, batch, consent, delivery, subscriber
from press.manifest import Entry

REASON = "the journal has it"

WAY: Mapping[State, tuple[State, ...]] = {
    State.PLANNED: (State.RESERVED, State.ATTEMPTING, State.UNKNOWN),
    State.RESERVED: (State.ATTEMPTING, State.UNKNOWN),
    State.ATTEMPTING: (State.UNKNOWN,),
    State.UNKNOWN: (),
}
"""How a delivery comes to be unknown. In any other state the ledger knows what came of it."""


@dataclass(slots=True)
class Counts:
    """What was news to the ledger."""

    deliveries: int = 0
    left: int = 0
    came: int = 0
    lost: int = 0
    """Those of them whose addresses it has not: only they can tell who they are."""


@dataclass(slots=True)
class Remembering:
    connection: Connection
    now: str
    published: Callable[[], Iterable[Entry]] = tuple
    """The articles of the series; asked for if the ledger is older than its first run."""
    _subscribers: dict[str, int] = field(default_factory=dict)
    """What stands for a mailbox -> its subscriber; read when it is wanted first."""

    def take_all(self, entries: Iterable[Told]) -> Counts:
        """Take all that a journal has, oldest first. Taking it twice changes nothing more.

        Who left and came, perhaps several times, has done what they did last.
        """
        counts = Counts()
        began = "" if announcements.known(self.connection) else None
        last: dict[str, Left | Came] = {}
        erased: set[str] = set()
        for entry in entries:
            if isinstance(entry, Left):
                last.update(dict.fromkeys(entry.names, entry))
                erased.update(entry.names if entry.erased else ())
            elif isinstance(entry, Came):
                last.update(dict.fromkeys(entry.came, entry))
                erased.difference_update(entry.came)
            elif isinstance(entry, Noted) and (missing := identity.untold(self.connection, entry)):
                began = entry.at if began is None else began
                counts.deliveries += self._tried(entry, missing)
        counts.left = self._left(last, erased)
        self._came(last, counts)
        if began:
            self._begin(datetime.fromisoformat(began))
        frozen.leave_all(self.connection)
        return counts

    def _begin(self, at: datetime) -> None:
        """Record what a first run must have found as known, so that it is not announced now."""
        known = announcements.known(self.connection)
        earlier = [
            one
            for one in self.published()
            if one.id not in known and datetime.fromisoformat(one.date) <= at
        ]
        announcements.record_baseline(self.connection, earlier, self.now)

    def _tried(self, noted: Noted, missing: int) -> int:
        """Take an attempt, and those of the same batch before it; how many deliveries it was."""
        announced = self._announcement(noted)
        for some in portions(noted.deliveries, 1000):
            self._plan(announced, some)
            self._cover(announced, noted, [secret for _, secret in some])
        number = self._batch(announced, noted)
        changes = [(article_id, change) for article_id, change in noted.changes]
        versions.record(self.connection, number, changes)
        count = self._doubt(number, [one for one, _ in noted.deliveries])
        tried = {
            "batch_id": number, "fence": 1, "started_at": noted.at, "ended_at": self.now,
            "outcome": REASON,
        }  # fmt: skip
        self.connection.execute(insert(attempt), [tried] * missing)
        evidence.catch_up(self.connection, number)  # its provider may have told of it already
        return count

    def _announcement(self, noted: Noted) -> int:
        about = (noted.article_id, Kind(noted.kind))
        there = announcements.found(self.connection, *about, noted.revision)
        if there is not None:
            return there
        return announcements.make(self.connection, *about, noted.title, noted.at, noted.revision)

    def _insert(self, table: Any, row: dict[str, Any]) -> int:
        made = self.connection.execute(insert(table), row).inserted_primary_key
        return int(made[0]) if made else 0

    def _plan(self, announced: int, pairs: Iterable[Iterable[str]]) -> None:
        """Plan deliveries that are not in the ledger, for people who may not be either."""
        whom = {self._subscriber(secret, one): one for one, secret in pairs}
        known = self._told(announced, whom)
        mailboxes = select(subscriber.c.id, subscriber.c.mailbox).where(subscriber.c.id.in_(whom))
        rows = [
            {
                "id": whom[row.id], "announcement_id": announced, "subscriber_id": row.id,
                "mailbox": row.mailbox, "state": State.PLANNED, "created_at": self.now,
            }
            for row in self.connection.execute(mailboxes).all()
            if row.id not in known
        ]  # fmt: skip
        if rows:
            self.connection.execute(insert(delivery), rows)
            tallies.note(self.connection, [(announced, State.PLANNED, len(rows))])

    def _told(self, announced: int, whom: Collection[int]) -> set[int]:
        """Those of some subscribers who have a delivery of an announcement."""
        there = select(delivery.c.subscriber_id).where(
            delivery.c.announcement_id == announced, delivery.c.subscriber_id.in_(whom)
        )
        return {*self.connection.execute(there).scalars()}

    def _cover(self, digest: int, noted: Noted, secrets: Iterable[str]) -> None:
        """Remember which articles a digest told, so that they are told to nobody in it again."""
        if not noted.covers:
            return
        picks.cover_with(self.connection, digest, noted.covers)
        whom = {self._known()[secret] for secret in secrets}
        for article_id in noted.covers:
            there = announcements.found(self.connection, article_id, Kind.NEW)
            told = set() if there is None else self._told(there, whom)
            picks.mark_told(self.connection, [article_id], sorted(whom - told), noted.at)

    def _subscriber(self, secret: str, one: str) -> int:
        """Who a name stands for; somebody whom only the journal knows, if the ledger does not."""
        known = self._known()
        if secret not in known:
            row = {
                "email": "", "mailbox": secret, "token": secret[-32:], "key": one[12:28],
                "standing": Standing.MISSING, "created_at": self.now,
            }  # fmt: skip
            known[secret] = self._insert(subscriber, row)
        return known[secret]

    def _known(self) -> dict[str, int]:
        if not self._subscribers:
            owner = identity.name(self.connection)
            rows = self.connection.execute(select(subscriber.c.mailbox, subscriber.c.id))
            self._subscribers = {subscribers.stands_for(owner, name): who for name, who in rows}
        return self._subscribers

    def _batch(self, announced: int, noted: Noted) -> int:
        """The batch of an attempt, which the ledger may have reserved before it was copied."""
        query = select(batch.c.id).where(batch.c.key == noted.key)
        found = self.connection.execute(query).scalar()
        if found is not None:
            return int(found)
        return self._insert(batch, {
            "announcement_id": announced, "provider": noted.provider, "key": noted.key,
            "payload": b"", "payload_sha256": "", "fence": 1, "created_at": noted.at,
        })  # fmt: skip

    def _doubt(self, number: int, ids: list[str]) -> int:
        """Make deliveries unknown, in the batch that they were in last.

        The bytes of batches that they were in before must not go out again under their own keys:
        what is known of those is older than this attempt.
        """
        states: dict[State, list[str]] = {}
        before: set[int] = set()
        for some in portions(ids):
            query = select(delivery.c.id, delivery.c.state, delivery.c.batch_id)
            for row in self.connection.execute(query.where(delivery.c.id.in_(some))).all():
                if State(row.state) in WAY:
                    states.setdefault(State(row.state), []).append(row.id)
                    before |= {row.batch_id} - {None, number}
        for state, group in states.items():
            self._make_unknown(group, state)
            for some in portions(group):
                there = update(delivery).where(delivery.c.id.in_(some))
                self.connection.execute(there.values(batch_id=number))
        spent = update(batch).where(batch.c.id.in_(before), batch.c.payload.is_not(None))
        self.connection.execute(spent.values(payload=b""))
        return sum(map(len, states.values()))

    def _make_unknown(self, ids: list[str], state: State) -> None:
        for after in WAY[state]:
            move(self.connection, ids, state, after, REASON if after is State.UNKNOWN else "")
            state = after

    def _left(self, last: Mapping[str, Left | Came], erased: Collection[str]) -> int:
        """Close the mailboxes of those who had left; forget those who were erased."""
        left = {name: one.at for name, one in last.items() if isinstance(one, Left)}
        names = identity.forgotten(self.connection, left)
        emails = self._emails(names)
        subscribers.remove_all(self.connection, emails.values(), REASON, self.now)
        strangers = [one for one in names if one not in emails]
        subscribers.close(self.connection, strangers, REASON, self.now)
        for email in self._emails(erased).values():
            if not personal.on_their_way(self.connection, email):  # else when it is taken again
                personal.erase(self.connection, email, self.now)
        return len(names)

    def _came(self, last: Mapping[str, Left | Came], counts: Counts) -> None:
        """Bring those back who came, where their address is known; name the others."""
        came = {name: one.at for name, one in last.items() if isinstance(one, Came)}
        names = identity.strangers(self.connection, came)
        emails = self._emails(names)
        for name in names:
            if name in emails:
                self._bring_back(emails[name], came[name])
                counts.came += 1
            else:
                self._miss(name, came[name])
                counts.lost += 1

    def _bring_back(self, email: str, at: str) -> None:
        joined = joining.join(self.connection, email, at, {"form": REASON})
        if joined.outcome is not joining.Outcome.BACK:  # they were there when it was copied
            names = [mailbox(email)]
            subscribers.record(self.connection, names, Standing.CONFIRMED, REASON, at)

    def _miss(self, name: str, at: str) -> None:
        who = self._subscriber(name, f"{'':12}{name[-16:]}")
        row = {"subscriber_id": who, "standing": Standing.MISSING, "how": REASON, "at": at}
        self.connection.execute(insert(consent), row)

    def _emails(self, names: Iterable[str]) -> dict[str, str]:
        """The addresses that names stand for, as far as the ledger has them."""
        known = self._known()
        secrets = {known[one]: one for one in names if one in known}
        found: dict[str, str] = {}
        for some in portions(secrets):
            query = select(subscriber.c.id, subscriber.c.email).where(subscriber.c.id.in_(some))
            found |= {secrets[n]: email for n, email in self.connection.execute(query) if email}
        return found
