"""Where a publication keeps its ledger and its embedded outbox; a demonstration has its own."""

import os
from dataclasses import dataclass
from pathlib import Path

LEDGER_VARIABLE = "PROOFPRESS_LEDGER"


@dataclass(frozen=True, slots=True)
class Place:
    root: Path
    ledger: str
    """A SQLAlchemy URL."""
    outbox: Path


def of_author(root: Path) -> Place:
    """`var/`, or the ledger that the environment names."""
    default = f"sqlite:///{(root / 'var' / 'ledger.db').as_posix()}"
    return Place(root, os.environ.get(LEDGER_VARIABLE) or default, root / "var" / "outbox")


def of_demonstration(root: Path) -> Place:
    """`demo/`, whatever the environment says: demonstration data never mixes with the author's."""
    ledger = f"sqlite:///{(root / 'demo' / 'ledger.db').as_posix()}"
    return Place(root, ledger, root / "demo" / "outbox")
