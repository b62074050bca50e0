"""What all that answers shares: the publication, its ledger, and who writes to it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from flask import Request

from newsletter.admitting import parsed, table
from newsletter.journal import Journal
from newsletter.store.database import Database
from newsletter.web.guard import Taps
from newsletter.web.options import Options
from newsletter.web.replies import Pages
from newsletter.web.stamps import Stamps
from newsletter.webhooks import Unreadable
from newsletter.writing import Writer
from press import manifest
from press.config import Config, Newsletter
from press.manifest import Manifest

LOGGER = "newsletter.serve"
log = logging.getLogger(LOGGER)


@dataclass(slots=True)
class Published:
    """The manifest of the site, read again when it has changed."""

    site: Path
    _read: tuple[int, Manifest] | None = None

    def now(self) -> Manifest:
        """Raises ProblemsFound where there is none that can be read."""
        path = self.site / manifest.FILE
        changed = path.stat().st_mtime_ns if path.is_file() else 0
        if self._read is None or self._read[0] != changed:
            self._read = (changed, manifest.load(self.site))
        return self._read[1]


@dataclass(frozen=True, slots=True)
class Desk:
    root: Path
    config: Config
    newsletter: Newsletter
    published: Published
    database: Database
    writer: Writer
    journal: Journal
    pages: Pages
    options: Options
    taps: Taps
    shown: Stamps
    """When our own form was shown."""
    sessions: Stamps
    """Which subscriber was let in."""
    clock: Callable[[], datetime]
    wake: Event = field(default_factory=Event)
    """Set when there is a mail to send."""

    def now(self) -> str:
        return self.clock().astimezone(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Visit:
    """A request, and who answers it."""

    desk: Desk
    request: Request
    secret: str = ""
    """The last part of the address, where it is somebody's."""


def text(value: object, most: int) -> str:
    """What somebody sent as a text that can be kept: no half characters, no NUL, not too long."""
    if not isinstance(value, str):
        return ""
    return value.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")[:most]


def posted(request: Request) -> dict[str, Any]:
    """A JSON object that somebody sent; an empty one for anything else."""
    try:
        return table(parsed(request.get_data()))
    except Unreadable:
        return {}


def fields(request: Request) -> dict[str, str]:
    """The fields of a form, or of a JSON object; each the first of its name."""
    if request.is_json:
        return {str(name)[:64]: text(value, 2000) for name, value in posted(request).items()}
    return {name[:64]: text(value, 2000) for name, value in request.form.items()}
