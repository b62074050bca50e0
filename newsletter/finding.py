"""What `newsletter doctor` looks at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING

from newsletter.place import Place
from newsletter.providers import Provider, options_of
from newsletter.vouching import Vouched
from press.config import Config, Newsletter
from press.manifest import Manifest

if TYPE_CHECKING:
    from newsletter.dns import Names

KNOWN: Mapping[str, str] = {"dkim-selectors": "", "return-path": ""}
"""The keys of the table [newsletter.doctor] of series.toml -> default."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The time of an answer, as its header has it, and when it came."""

    who: str
    date: str
    at: datetime


@dataclass(slots=True)
class Case:
    """A publication, and what is learnt of it on the way."""

    place: Place
    config: Config
    newsletter: Newsletter
    manifest: Manifest | None
    """None for a site that is not built."""
    names: "Names"
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    carrier: Provider | None = None
    """None where it can't be made."""
    vouched: Vouched | None = None
    heard: list[Heard] = field(default_factory=list)

    @property
    def sender(self) -> str:
        return parseaddr(self.newsletter.sender)[1]

    @property
    def leaves(self) -> bool:
        """Whether mail leaves this machine, as far as is known."""
        return self.carrier is None or self.carrier.leaves

    @property
    def own(self) -> dict[str, str]:
        """The table [newsletter.doctor]. Raises ProblemsFound."""
        return options_of("doctor", self.newsletter.options.get("doctor", {}), KNOWN)

    def hear(self, who: str, date: str) -> None:
        if date:
            self.heard.append(Heard(who, date, self.clock()))
