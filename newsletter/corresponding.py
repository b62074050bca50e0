"""Sends notes, mails to one person each: to confirm, to welcome, to let somebody in.

A note is written down as attempted before its provider is called. One that was surely not accepted
is tried again; one of which nobody knows is not, since its person can ask for another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from newsletter.compose import Composer
from newsletter.http import Refused
from newsletter.model import TOKEN, Batch, Failure, Mail, Message, Note, Outcome, Receipt
from newsletter.providers import Provider
from newsletter.store import notes
from newsletter.store.database import Connection
from newsletter.store.notes import Planned, Progress
from newsletter.store.subscribers import token_of
from newsletter.writing import Writer

AT_ONCE = 20

SURELY_NOT = frozenset(
    {Failure.THROTTLED, Failure.QUOTA, Failure.NOT_SENT, Failure.AUTH, Failure.REQUEST}
)
"""Failures after which nothing was accepted: the note waits."""

PATHS = {Note.CONFIRM: "confirm", Note.SETTINGS: "settings", Note.MOVED: "moved"}
"""Where the link of each kind leads."""

DEAD = timedelta(minutes=15)
"""How long a note may be on its way until its sender is taken to have died."""


@dataclass(frozen=True, slots=True)
class Correspondent:
    writer: Writer
    provider: Provider
    composer: Composer
    clock: Callable[[], datetime]

    def _now(self) -> str:
        return self.clock().astimezone(UTC).isoformat(timespec="seconds")

    def send(self) -> int:
        """Send what is planned, some at once; how many were handed over.

        Raises Refused when the provider takes nothing now: what it did not take is planned again.
        """
        some = self.writer.do(self._claim)
        for count, one in enumerate(some):
            try:
                self._send(one)
            except Refused:
                self._release(some[count + 1 :])
                raise
        return len(some)

    def _claim(self, connection: Connection) -> list[Planned]:
        ago = self.clock().astimezone(UTC) - DEAD
        notes.give_up(connection, ago.isoformat(timespec="seconds"))
        return notes.claim(connection, AT_ONCE, self._now())

    def _release(self, some: list[Planned]) -> None:
        for one in some:
            self._record(one, Progress.PLANNED, "")

    def _send(self, one: Planned) -> None:
        token, identifier = self.writer.do(partial(self._own, one=one))
        message = Message(self._mail(one.kind), identifier, one.email, token, one.at)
        try:
            receipt = self._hand_over(message)
        except Refused as error:
            is_sure = error.failure in SURELY_NOT
            self._record(one, Progress.PLANNED if is_sure else Progress.UNKNOWN, str(error))
            if is_sure:
                raise
            return
        self._record(one, _PROGRESS[receipt.outcome], receipt.detail)

    def _own(self, connection: Connection, one: Planned) -> tuple[str, str]:
        """What stands in the links of a note, and what it is called."""
        name = notes.id_of(connection, one.id)
        if one.kind in notes.LASTS:
            return notes.give_secret(connection, one, self._now()).text, name
        return token_of(connection, one.subscriber_id or 0), name

    def _mail(self, kind: Note) -> Mail:
        app = self.composer.newsletter.app_url
        return self.composer.note(kind, f"{app}/{PATHS[kind]}/{TOKEN}" if kind in PATHS else "")

    def _hand_over(self, message: Message) -> Receipt:
        one = message.delivery_id
        payload = self.provider.freeze([message])
        receipts = self.provider.hand_over(Batch(0, 0, one, payload, 0, (one,)))
        return receipts[0] if receipts else Receipt(one, Outcome.UNKNOWN)

    def _record(self, one: Planned, progress: Progress, reason: str) -> None:
        self.writer.do(partial(notes.record, one=one.id, progress=progress, reason=reason))


_PROGRESS = {
    Outcome.ACCEPTED: Progress.ACCEPTED,
    Outcome.REJECTED: Progress.REJECTED,
    Outcome.NOT_ACCEPTED: Progress.PLANNED,
    Outcome.UNKNOWN: Progress.UNKNOWN,
}
