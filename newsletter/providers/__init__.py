"""Who carries the mail: one file per provider, and the file's name registers it.

A file offers `connect(place) -> Provider`. docs/ledger.md says what the ledger asks of it.
"""

import pkgutil
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from newsletter.model import Message, Receipt
from newsletter.place import Place
from press.problems import Code, Problem, ProblemsFound, did_you_mean


class NotAccepted(Exception):
    """Surely nothing of a batch was accepted: it may be handed over again. Has a Problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Provider(Protocol):
    @property
    def limit(self) -> int:
        """Messages in a batch, at most."""
        ...

    def freeze(self, messages: Sequence[Message]) -> bytes:
        """Pure: the bytes that will be handed over, now or in a replay."""
        ...

    def hand_over(self, payload: bytes, key: str) -> list[Receipt]:
        """Hand a batch over, once. Raises NotAccepted where that is sure.

        Any other exception, and a message without a receipt, leaves the outcome unknown.
        """
        ...

    def look_up(self, delivery_ids: Sequence[str]) -> list[Receipt]:
        """What the provider knows of deliveries whose outcome is unknown; changes nothing.

        A provider that can't be asked gives none.
        """
        ...


class _Module(Protocol):
    def connect(self, place: Place) -> Provider: ...


def names() -> list[str]:
    return [info.name for info in pkgutil.iter_modules(__path__)]


def connect(name: str, place: Place) -> Provider:
    """The provider of a name. Raises ProblemsFound for a name that is none."""
    if name not in names():
        message = f"there is no provider `{name}`"
        hint = did_you_mean(name, names()) or f"the providers are {', '.join(names())}"
        raise ProblemsFound([Problem("series.toml", 0, 0, Code.BAD_CONFIG, message, hint)])
    return cast("_Module", import_module(f"{__name__}.{name}")).connect(place)
