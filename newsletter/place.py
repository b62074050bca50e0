"""Where a publication keeps its ledger and its embedded outbox; a demonstration has its own."""

import os
from dataclasses import dataclass, field
from pathlib import Path

LEDGER_VARIABLE = "PROOFPRESS_LEDGER"
JOURNAL_VARIABLE = "PROOFPRESS_JOURNAL"


@dataclass(frozen=True, slots=True)
class Place:
    root: Path
    ledger: str = field(repr=False)
    """A SQLAlchemy URL, which may hold a password."""
    outbox: Path
    journals: Path
    """A folder for journals, one for each ledger; best on another disk than the ledger."""


def of_author(root: Path) -> Place:
    """`var/`, or the ledger that the environment names."""
    default = f"sqlite:///{(root / 'var' / 'ledger.db').as_posix()}"
    ledger = os.environ.get(LEDGER_VARIABLE) or default
    return Place(root, ledger, root / "var" / "outbox", _journals())


def _journals() -> Path:
    """In the place for what a program remembers (XDG Base Directory), unless it is named."""
    if named := os.environ.get(JOURNAL_VARIABLE):
        return Path(named).absolute()
    state = os.environ.get("XDG_STATE_HOME", "")
    base = Path(state) if state.startswith("/") else Path("~/.local/state").expanduser()
    return base / "proofpress"


def of_demonstration(root: Path) -> Place:
    """`demo/`, whatever the environment says: demonstration data never mixes with the author's."""
    ledger = f"sqlite:///{(root / 'demo' / 'ledger.db').as_posix()}"
    return Place(root, ledger, root / "demo" / "outbox", root / "demo")
