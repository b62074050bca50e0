"""How an emulated provider misbehaves, and when: by a list, by chance of a seed, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from newsletter.model import Failure


class Fault(StrEnum):
    """What goes wrong with one request that wants mail sent."""

    NONE = "none"

    # Nothing is accepted:
    RESET_BEFORE = "reset-before"
    ERROR_500_BEFORE = "500-before"
    ERROR_503_BEFORE = "503-before"
    THROTTLE = "throttle"
    QUOTA = "quota"
    AUTH = "auth"
    REQUEST = "request"
    REDIRECT = "redirect"
    """To the same address, where whoever follows has their mail accepted."""

    # All is accepted:
    SILENT = "silent"
    """And no answer comes until the client gives up."""
    RESET = "reset"
    ERROR_500 = "500"
    ERROR_502 = "502"
    ERROR_503 = "503"
    GARBAGE = "garbage"
    """Says 200, and nothing that can be understood."""
    HALF = "half"
    """Half of the answer, then the connection ends."""

    PART = "part"
    """The first half of the messages is accepted, then the connection is reset. Whoever remembers
    keys accepts a request as a whole."""


REFUSALS: Mapping[Fault, Failure] = {
    Fault.THROTTLE: Failure.THROTTLED,
    Fault.QUOTA: Failure.QUOTA,
    Fault.AUTH: Failure.AUTH,
    Fault.REQUEST: Failure.REQUEST,
}
STATUSES: Mapping[Fault, int] = {
    Fault.ERROR_500_BEFORE: 500,
    Fault.ERROR_503_BEFORE: 503,
    Fault.ERROR_500: 500,
    Fault.ERROR_502: 502,
    Fault.ERROR_503: 503,
}
BEFORE = frozenset(
    {Fault.RESET_BEFORE, Fault.ERROR_500_BEFORE, Fault.ERROR_503_BEFORE, Fault.REDIRECT, *REFUSALS}
)
"""Those with which nothing is accepted."""


@dataclass
class Plan:
    """The faults of requests to come: those that are listed, then those of chance."""

    listed: Sequence[Fault] = ()
    rates: Mapping[Fault, float] = field(default_factory=dict)
    """How often each happens, once the list has ended; the rest of the requests go well."""
    seed: int = 0

    def __post_init__(self) -> None:
        self._to_come = list(self.listed)
        self._chance = Random(self.seed)

    def next(self) -> Fault:
        if self._to_come:
            return self._to_come.pop(0)
        drawn = self._chance.random()
        for fault, rate in self.rates.items():
            drawn -= rate
            if drawn < 0:
                return fault
        return Fault.NONE
