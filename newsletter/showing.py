"""Every mail that a publication can send, as a sample subscriber would get it: nothing is sent."""

import email.policy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from newsletter import mime
from newsletter.compose import Composer, composer
from newsletter.model import Kind, Mail, Message, Note
from press import config, manifest
from press.manifest import Entry

READER = "reader@example.org"
TOKEN, DELIVERY = "sample-subscriber", "sample"
"""What stands for the secrets of a subscriber: such links lead nowhere."""
DIGEST = 5
"""Articles in the digest."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as the reader has it."""

    subject: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    raw: bytes = field(repr=False)
    """As it goes to a server."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail that can be made."""

    name: str
    """In addresses; each has its own."""
    title: str
    make: Callable[[], Letter] = field(repr=False)
    """Raises ProblemsFound for a fault of a template."""


def mails(root: Path, files: Mapping[str, bytes]) -> tuple[Sample, ...]:
    """The mails of a publication whose site has these files, the newest articles first.

    Raises ProblemsFound where series.toml has no newsletter.
    """
    made = composer(root, config.load(root), manifest.parse(files[manifest.FILE]))
    every = _every(made, files)
    return tuple(Sample(name, title, partial(_letter, make)) for name, title, make in every)


Make = Callable[[], Mail]


def _every(made: Composer, files: Mapping[str, bytes]) -> Iterator[tuple[str, str, Make]]:
    """The name, the title and the maker of each."""
    articles = made.manifest.articles
    for one in reversed(articles):
        new = partial(_article, made, files, one, Kind.NEW)
        yield f"new-{one.slug}", f"New: {one.title}", new
    for one in reversed(articles):
        if one.changes:
            update = partial(_article, made, files, one, Kind.UPDATE)
            yield f"update-{one.slug}", f"Changed: {one.title}", update
    for one in reversed(articles):
        for change in reversed(one.changes):
            if change.correction:
                told = partial(_article, made, files, one, Kind.CORRECTION, change.id)
                yield f"correction-{one.slug}-{change.date[:10]}", f"Corrected: {one.title}", told
    newest = sorted(articles, key=lambda one: one.date, reverse=True)[:DIGEST]
    if newest:
        yield "digest", f"Digest of {len(newest)}", partial(made.digest, newest, "digest-sample")
    if made.newsletter.app_url:  # nobody asks for them elsewhere
        for kind in Note:
            yield f"note-{kind}", f"To one person: {kind}", partial(_note, made, kind)


def _article(
    made: Composer, files: Mapping[str, bytes], entry: Entry, kind: Kind, revision: str = ""
) -> Mail:
    """The mail of an article, whose text a composer reads from the folder of a built site."""
    with TemporaryDirectory() as folder:
        if entry.letter:
            path = Path(folder, entry.letter)
            path.parent.mkdir(parents=True)
            path.write_bytes(files[entry.letter])
        return replace(made, site=Path(folder)).mail(entry, kind, revision)


def _note(made: Composer, kind: Note) -> Mail:
    has_link = kind in (Note.CONFIRM, Note.SETTINGS, Note.MOVED)
    return made.note(kind, f"{made.newsletter.app_url}/{TOKEN}" if has_link else "")


def _letter(make: Make) -> Letter:
    mail = make()
    message = Message(mail, DELIVERY, READER, TOKEN, datetime.now(UTC).isoformat())
    raw = mime.content(message)
    headers = email.message_from_bytes(raw, policy=email.policy.default).items()
    return Letter(
        mail.subject,
        tuple((name, str(value)) for name, value in headers),
        message.personal(mail.text),
        message.personal(mail.html),
        raw,
    )
