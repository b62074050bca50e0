"""Looks at the ledger and its journal, and writes nothing to either."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from newsletter import gates
from newsletter.doctor_settings import of_problem
from newsletter.opening import journal_of, ledger
from newsletter.place import Place
from newsletter.store.database import is_there
from press.findings import Finding, ok, skipped, wrong
from press.problems import ProblemsFound


def findings(place: Place) -> Iterator[Finding]:
    try:
        if not is_there(place.ledger):
            yield skipped("ledger", "there is none yet: the first subscriber makes it")
            yield _journal(place.journals / "none")
            return
        with ledger(place) as database, database.transaction() as connection:
            journal = journal_of(place, connection)
            gates.Ledger(database, journal).require(connection)
    except ProblemsFound as error:
        yield from (of_problem("ledger", one) for one in error.problems)
        return
    yield ok("ledger", f"{database.name} may send from here, and knows what its journal knows")
    yield _journal(journal.path)


def _journal(path: Path) -> Finding:
    """Whether it can be written to; nothing is."""
    try:
        if path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_APPEND))
        else:
            with tempfile.TemporaryFile(dir=_nearest(path.parent)):
                pass
    except OSError as error:
        do = "PROOFPRESS_JOURNAL names another folder for it"
        return wrong("journal", f"{path.name} can't be written: {error.strerror}", do)
    return ok("journal", "it can be written")


def _nearest(folder: Path) -> Path:
    """The folder itself, or the one that it will be made in."""
    return next(one for one in (folder, *folder.parents) if one.exists())
