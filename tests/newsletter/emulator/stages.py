"""Each provider with what stands opposite it, so that one suite can be played on all of them.

A provider over HTTP needs a dialect and nothing here. One that has `connect` needs a stage.
"""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

import pytest

from newsletter.connecting import connect, module
from newsletter.model import Failure
from newsletter.place import of_demonstration
from newsletter.providers import HttpProvider, Provider
from newsletter.providers.outbox import Outbox
from newsletter.providers.smtp import Smtp
from newsletter.smtp import Patience
from newsletter.transport import Link, OverHttp
from tests.newsletter.emulator import Taken
from tests.newsletter.emulator.faults import Fault, Plan
from tests.newsletter.emulator.relay import Relay, taken
from tests.newsletter.emulator.server import Emulator, dialect

IMPATIENT = 0.4
OPTION = "example.org"
"""Stands for an option that is needed, and is a name of anything."""

DOUBT = Failure.AMBIGUOUS
OVER_HTTP: Mapping[Fault, Failure] = {
    Fault.RESET_BEFORE: DOUBT,
    Fault.ERROR_500_BEFORE: DOUBT,
    Fault.ERROR_503_BEFORE: DOUBT,
    Fault.THROTTLE: Failure.THROTTLED,
    Fault.QUOTA: Failure.QUOTA,
    Fault.AUTH: Failure.AUTH,
    Fault.REQUEST: Failure.REQUEST,
    Fault.REDIRECT: Failure.REQUEST,
    Fault.SILENT: DOUBT,
    Fault.RESET: DOUBT,
    Fault.ERROR_500: DOUBT,
    Fault.ERROR_502: DOUBT,
    Fault.ERROR_503: DOUBT,
    Fault.GARBAGE: DOUBT,
    Fault.HALF: DOUBT,
    Fault.PART: DOUBT,
}
OVER_SMTP: Mapping[Fault, Failure] = {
    Fault.RESET_BEFORE: Failure.NOT_SENT,
    Fault.THROTTLE: Failure.THROTTLED,
    Fault.QUOTA: Failure.QUOTA,
    Fault.AUTH: Failure.AUTH,
    Fault.REQUEST: Failure.REQUEST,
    Fault.SILENT: DOUBT,
    Fault.RESET: DOUBT,
    Fault.GARBAGE: DOUBT,
    Fault.HALF: DOUBT,
    Fault.PART: DOUBT,
}


class Stage(Protocol):
    """A provider, connected to something that can be looked into and told to fail."""

    @property
    def provider(self) -> Provider: ...

    @property
    def secrets(self) -> Sequence[str]: ...

    def accepted(self) -> Sequence[Taken]:
        """What was accepted, in that order, as its recipients have it."""
        ...

    def misbehave(self, *faults: Fault) -> None:
        """With the next times that something is handed over."""
        ...

    def impatient(self) -> Provider:
        """The same provider, soon tired of waiting."""
        ...

    def unreachable(self) -> Provider:
        """The same provider where nobody is."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass for what it knows."""
        ...


@dataclass
class OverHttpStage:
    provider: OverHttp
    emulator: Emulator

    @property
    def secrets(self) -> Sequence[str]:
        return [*self.emulator.secrets.values()]

    def accepted(self) -> Sequence[Taken]:
        self.emulator.server.rest()
        return [one.message for one in self.emulator.books.accepted]

    def misbehave(self, *faults: Fault) -> None:
        self.emulator.plan = Plan(faults)

    def impatient(self) -> Provider:
        return replace(self.provider, link=Link(seconds=(5.0, IMPATIENT)))

    def unreachable(self) -> Provider:
        return replace(self.provider, base=f"http://127.0.0.1:{free_port()}")

    def wait(self, seconds: float) -> None:
        self.emulator.server.rest()
        self.emulator.books.ahead += seconds


@dataclass
class SmtpStage:
    provider: Smtp
    relay: Relay

    @property
    def secrets(self) -> Sequence[str]:
        return [self.relay.credentials[1]]

    def accepted(self) -> Sequence[Taken]:
        return self.relay.accepted

    def misbehave(self, *faults: Fault) -> None:
        self.relay.plan = [*faults]

    def impatient(self) -> Provider:
        return replace(self.provider, patience=Patience(IMPATIENT, IMPATIENT, IMPATIENT))

    def unreachable(self) -> Provider:
        return replace(self.provider, server=replace(self.provider.server, port=free_port()))

    def wait(self, seconds: float) -> None:
        """It knows nothing that could appear."""


@dataclass
class OutboxStage:
    provider: Outbox
    secrets: Sequence[str] = field(default=())

    def accepted(self) -> Sequence[Taken]:
        return [taken(path.read_bytes()) for path in sorted(self.provider.folder.glob("*.eml"))]

    def misbehave(self, *faults: Fault) -> None:
        assert not faults, "a folder has no such faults"

    def impatient(self) -> Provider:
        return self.provider

    def unreachable(self) -> Provider:
        self.provider.folder.parent.mkdir()
        self.provider.folder.touch()
        return self.provider

    def wait(self, seconds: float) -> None:
        """What a folder has is there at once."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def _outbox(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:  # noqa: ARG001
    yield OutboxStage(cast("Outbox", connect("outbox", of_demonstration(folder))))


@contextmanager
def _smtp(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    credentials = ("somebody", "secret-of-smtp")
    for name, value in zip(("SMTP_USERNAME", "SMTP_PASSWORD"), credentials, strict=True):
        monkeypatch.setenv(name, value)
    with Relay(credentials=credentials) as relay:
        options = {"host": "localhost", "port": str(relay.port), "security": "none"}
        made = connect("smtp", of_demonstration(folder), options)
        yield SmtpStage(cast("Smtp", made), relay)


@contextmanager
def _over_http(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    file = cast("HttpProvider", module(name))
    secrets = {variable: f"secret-of-{variable.lower()}" for variable in file.SECRETS}
    for variable, value in secrets.items():
        monkeypatch.setenv(variable, value)
    memory = file.MEMORY
    with Emulator(
        dialect(name),
        secrets,
        folder / "accepted.jsonl",
        key_seconds=memory.key_seconds,
        settle_seconds=memory.settle_seconds,
    ) as emulator:
        options = {key: OPTION for key, default in file.OPTIONS.items() if default is None}
        made = connect(name, of_demonstration(folder), {**options, "url": emulator.url})
        yield OverHttpStage(cast("OverHttp", made), emulator)


Setting = Callable[[Path, pytest.MonkeyPatch], AbstractContextManager[Stage]]
OWN: Mapping[str, tuple[Setting, Mapping[Fault, Failure]]] = {
    "outbox": (_outbox, {}),
    "smtp": (_smtp, OVER_SMTP),
}


def stage(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AbstractContextManager[Stage]:
    """The stage of a provider. A provider without one fails its tests: it can't be proven."""
    if name in OWN:
        return OWN[name][0](folder, monkeypatch)
    if hasattr(module(name), "connect"):
        pytest.fail(f"the provider {name} has no stage: add it to {__name__}.OWN")
    if not find_spec(f"tests.newsletter.emulator.dialects.{name}"):
        pytest.fail(f"the provider {name} has no dialect: tests/newsletter/emulator/dialects")
    return _over_http(name, folder, monkeypatch)


def faults(name: str) -> Mapping[Fault, Failure]:
    """What can go wrong with a provider, and what it means."""
    return OWN[name][1] if name in OWN else OVER_HTTP
