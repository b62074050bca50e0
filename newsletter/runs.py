"""What a run of a sender is given, and what it has come to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from newsletter.model import Mail, Outcome, Receipt
from newsletter.providers import Provider


@dataclass(frozen=True, slots=True)
class Carrier:
    """The provider, and all that is to be known for asking it."""

    provider: Provider
    name: str
    rate: float = 0.0
    """Messages a second, at most; 0 for any number."""
    batch: int = 0
    """Messages in a batch, at most; 0 for as many as the provider takes."""

    def size(self, mail: Mail) -> int:
        limit = self.provider.limit(mail)
        return min(limit, self.batch or limit)


@dataclass(slots=True)
class Progress:
    """What a run has come to."""

    tell: Callable[[int, int], None] = lambda _done, _count: None
    """Is told how many messages have an answer, and of how many."""
    count: int = 0
    accepted: int = 0
    rejected: int = 0
    found: int = 0
    """Accepted earlier, as the provider says now."""

    def begin(self, count: int) -> None:
        """Count from here: what was settled before is not part of what is sent."""
        self.found, self.count = self.found + self.accepted, count
        self.accepted = self.rejected = 0

    def answered(self, receipts: Sequence[Receipt]) -> None:
        self.accepted += sum(one.outcome is Outcome.ACCEPTED for one in receipts)
        self.rejected += sum(one.outcome is Outcome.REJECTED for one in receipts)
        if self.count:
            self.tell(min(self.accepted + self.rejected, self.count), self.count)
