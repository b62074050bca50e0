"""What a build from nothing makes of a publication: the judge of every other build."""

import atexit
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from tests.press.incremental import building, forks
from tests.press.incremental.building import CACHE, SITE, Told, Tree
from tests.press.incremental.drafts import Files
from tests.press.incremental.publications import copy


@dataclass(frozen=True)
class Made:
    """What it has said and made."""

    told: Told
    site: Tree


MADE: dict[str, Made] = {}
"""By all that it was made of: many steps change nothing that is."""

PROOFS = Path(tempfile.gettempdir()) / f"proofs-{os.getpid()}"
"""Of all examples up to now, so that each runs only once."""
PROOFS_NAME = "proofs"
"""As the cache of a publication has them."""

atexit.register(PROOFS.unlink, missing_ok=True)


def made(files: Files, now: datetime, *, search: bool) -> Made:
    """Build these files in an empty folder, by a process that knows of no build before."""
    key = sha256(repr((sorted(files.items()), now, search)).encode()).hexdigest()
    if key not in MADE:
        MADE[key] = _made(files, now, search=search)
    return MADE[key]


def _made(files: Files, now: datetime, *, search: bool) -> Made:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "fresh"
        copy(root, files)
        share_proofs(root)
        reply = forks.build(forks.Request(root, now, search))
        assert reply.told, reply.fault
        _take_proofs(root)
        return Made(reply.told, building.tree(root / SITE))


def share_proofs(root: Path) -> None:
    """Give a publication the proofs that there are."""
    if PROOFS.exists():
        (root / CACHE).mkdir(exist_ok=True)
        shutil.copy(PROOFS, root / CACHE / PROOFS_NAME)


def _take_proofs(root: Path) -> None:
    own = root / CACHE / PROOFS_NAME
    if own.exists():
        shutil.copy(own, PROOFS)
