"""Takes what providers tell by HTTP: who says it is proven first, then it is kept, then answered.

Whatever is not proven changes nothing. What is proven is kept as it came, once, and applied in the
same transaction; only then it is answered with 200, so that what we lose is told again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from itertools import chain
from typing import cast

from newsletter import gates, leaving, webhooks
from newsletter.grouping import Together
from newsletter.http import Refused, require_success
from newsletter.journal import Journal
from newsletter.model import Failure
from newsletter.store.database import Database
from newsletter.store.deliveries import Overtaken
from newsletter.store.evidence import Event
from newsletter.store.following import MOST_SOFT
from newsletter.webhooks import Fetch, Forged, Incoming, Told, Unreadable, Webhook
from press.problems import ProblemsFound

MOST_BYTES = 2_000_000
"""Of a request; more is nothing that a provider sends."""
MOST_KEPT = 16
OLD = "_OLD"
"""Ends the name of the variable for a second secret, which is good as well while they change."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider is answered. It tells a stranger nothing."""

    status: int
    text: str
    why: str = ""
    """For our own log; has no secret and nobody's address in it."""


TAKEN = Answer(200, "taken")
NOBODY = Answer(404, "nothing is told here")
"""For a provider that tells nothing, and one whose secret is not there: nobody learns which."""


def secrets_of(environment: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Name of each provider that may tell -> its secrets, from the environment."""
    found = {}
    for name in webhooks.names():
        variable = _file(name).VARIABLE
        values = [environment.get(variable, ""), environment.get(variable + OLD, "")]
        if given := tuple(value.strip() for value in values if value.strip()):
            found[name] = given
    return found


def _file(name: str) -> Webhook:
    return cast("Webhook", import_module(f"newsletter.webhooks.{name}"))


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Fetching:
    """Looks up what a file has allowed; certificates, which never change, are kept."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def __call__(self, address: str) -> bytes:
        if address in self.kept:
            return self.kept[address]
        found = gates.fetch(address)
        require_success(found)
        if address.endswith(".pem") and len(self.kept) < MOST_KEPT:
            self.kept[address] = found.body
        return found.body


@dataclass(slots=True)
class Hooks:
    """Takes what is told, for a ledger. Threads share it: what comes at once is written at once."""

    database: Database
    journal: Journal
    secrets: Mapping[str, Sequence[str]] = field(repr=False)
    most_soft: int = MOST_SOFT
    clock: Callable[[], datetime] = field(default=_utc, repr=False)
    fetch: Fetch = field(default_factory=Fetching, repr=False)
    _together: Together[Sequence[Event], Answer] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._together = Together(self._keep)

    def take(self, name: str, incoming: Incoming) -> Answer:
        """Take what the provider of a name is said to tell. Answers, whatever comes."""
        told = self._admitted(name, incoming)
        return told if isinstance(told, Answer) else self._together.grant(told)

    def take_all(self, requests: Iterable[tuple[str, Incoming]]) -> list[Answer]:
        """The same for many requests, in one transaction."""
        admitted = [self._admitted(*one) for one in requests]
        kept = iter(self._keep([told for told in admitted if not isinstance(told, Answer)]))
        return [told if isinstance(told, Answer) else next(kept) for told in admitted]

    def _admitted(self, name: str, incoming: Incoming) -> Sequence[Event] | Answer:
        """What a request tells, if the provider has said it; else what it is answered."""
        secrets = self.secrets.get(name)
        if not secrets:
            return NOBODY
        if len(incoming.body) > MOST_BYTES:
            return Answer(413, "too much", f"{name}: {len(incoming.body)} bytes")
        file = _file(name)
        try:
            file.verify(incoming, secrets, self.clock(), self.fetch)
            return [_event(name, one) for one in file.events(incoming)]
        except Unreadable as error:
            return Answer(400, "not understood", f"{name}: {error}")
        except Forged as error:
            return Answer(401, "not believed", f"{name}: {error}")
        except Refused as error:
            is_ours = error.failure in (Failure.REQUEST, Failure.AUTH)  # there is no such thing
            return Answer(401 if is_ours else 503, "not believed", f"{name}: {error}")

    def _keep(self, groups: Sequence[Sequence[Event]]) -> list[Answer]:
        """Keep and apply what some requests tell, together; the answer to each."""
        now = self.clock().isoformat(timespec="seconds")
        events = chain.from_iterable(groups)
        try:
            leaving.record(self.database, self.journal, events, now, self.most_soft)
        except ProblemsFound as found:
            why = "; ".join(problem.message for problem in found.problems)
            return [Answer(503, "not now", why)] * len(groups)
        except Overtaken as error:  # a sender was at the same deliveries
            if len(groups) == 1:
                return [Answer(503, "not now", str(error))]
            return [self._keep([one])[0] for one in groups]
        return [TAKEN] * len(groups)


def _event(name: str, told: Told) -> Event:
    return Event(name, told.fate, told.delivery_id, told.raw, told.dedupe, told.once)
