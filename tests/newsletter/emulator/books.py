"""What an emulated provider knows: what it has accepted, its log of that, and the keys it saw."""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from threading import Lock

from tests.newsletter.emulator import Accepted, Reply, Sending, Taken

REJECTED = "bad"
"""With what the address of a mailbox begins that the provider refuses."""

Answering = Callable[[Sending, Mapping[str, str], Sequence[str]], Reply]
"""How a dialect words an acceptance."""


@dataclass(frozen=True)
class Remembered:
    """What was asked and answered under a key."""

    body: bytes
    reply: Reply
    at: float


class OtherBody(Exception):
    """A key came again, with another body."""


class Books:
    """Safe to use from many threads: what one request changes, it changes at once."""

    def __init__(
        self, log: Path | None, key_seconds: float, settle_seconds: float, *, lean: bool = False
    ) -> None:
        """A `lean` one keeps no texts, for as many messages as a bench sends."""
        self.lean = lean
        self.accepted: list[Accepted] = []
        self.keys: dict[str, Remembered] = {}
        self.key_seconds = key_seconds
        self.settle_seconds = settle_seconds
        self.ahead = 0.0
        """Seconds that its clock is ahead, so that a test need not wait."""
        self._lock = Lock()
        self._ids = 0
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT) if log else None

    def close(self) -> None:
        if self._log is not None:
            os.close(self._log)

    def now(self) -> float:
        return time.time() + self.ahead

    def visible(self) -> Sequence[Accepted]:
        """What can be found by now: all but the newest, where a provider knows things late."""
        if not self.settle_seconds:
            return self.accepted
        latest = self.now() - self.settle_seconds
        return [one for one in self.accepted if one.at <= latest]

    def counts(self) -> Counter[str]:
        """How often each delivery was accepted."""
        return Counter(one.message.delivery_id for one in self.accepted)

    def take(self, sending: Sending, body: bytes, answer: Answering, *, part: bool) -> Reply:
        """Accept what is asked, unless its key was seen: then answer as before.

        With `part`, only the first half. Raises OtherBody for a key that stood for other bytes.
        """
        digest = sha256(body).digest()
        with self._lock:
            known = self._known(sending.key)
            if known and known.body != digest:
                raise OtherBody
            if known:
                return known.reply
            count = len(sending.messages)
            ids = self._new_ids(count)
            rejected = rejections(sending.messages)
            reply = answer(sending, rejected, ids)
            if rejected and reply == answer(sending, {}, ids):
                rejected = {}  # who says nothing of single messages has taken them all
            self._accept(sending, rejected, ids[: (count + 1) // 2 if part else count])
            if sending.key is not None and self.key_seconds:
                self.keys[sending.key] = Remembered(digest, reply, self.now())
            return reply

    def _known(self, key: str | None) -> Remembered | None:
        known = self.keys.get(key) if key is not None else None
        return known if known and self.now() < known.at + self.key_seconds else None

    def _new_ids(self, count: int) -> list[str]:
        first, self._ids = self._ids + 1, self._ids + count
        return [f"{n:08x}-0000-4000-8000-{n:012x}" for n in range(first, first + count)]

    def _accept(self, sending: Sending, rejected: Mapping[str, str], ids: Sequence[str]) -> None:
        now = self.now()
        fresh = [
            Accepted(_without_texts(message) if self.lean else message, provider_id, now)
            for message, provider_id in zip(sending.messages, ids, strict=False)
            if message.recipient not in rejected
        ]
        if self._log is not None:
            os.write(self._log, "".join(_line(one, sending.key) for one in fresh).encode())
        self.accepted += fresh


def rejections(messages: Sequence[Taken]) -> dict[str, str]:
    """The recipients that are refused -> why."""
    return {
        message.recipient: "there is no such mailbox"
        for message in messages
        if message.recipient.startswith(REJECTED)
    }


def _without_texts(message: Taken) -> Taken:
    return replace(message, text="", html="", headers={})


def _line(accepted: Accepted, key: str | None) -> str:
    message = accepted.message
    row = {"delivery": message.delivery_id, "recipient": message.recipient, "key": key,
           "id": accepted.provider_id, "at": accepted.at}  # fmt: skip
    return json.dumps(row) + "\n"
