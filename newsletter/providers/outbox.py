"""The embedded provider: accepts a message by writing it to a folder as an .eml file.

A file is named after its delivery and appears whole or not at all, so the folder itself is the
provider's memory: it can be asked, and handing a delivery over again changes nothing.
"""

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsletter.http import Refused
from newsletter.mime import content
from newsletter.model import Asked, Batch, Failure, Mail, Memory, Message, Outcome, Receipt
from newsletter.place import Place
from newsletter.providers import options_of
from press.problems import Code, Problem

MEMORY = Memory(asks=True)


def connect(place: Place, options: Mapping[str, object]) -> "Outbox":
    """The outbox of a publication. Raises ProblemsFound for any option: it has none."""
    options_of("outbox", options, {})
    return Outbox(place.outbox)


@dataclass(frozen=True, slots=True)
class Outbox:
    folder: Path
    memory: Memory = MEMORY
    leaves: bool = False

    def limit(self, mail: Mail) -> int:  # noqa: ARG002  # their size is no matter to a disk
        return 100

    def freeze(self, messages: Sequence[Message]) -> bytes:
        rows = [
            {
                "delivery": message.delivery_id,
                "file": _file_name(message.mail.article_id, message.delivery_id),
                "content": base64.b64encode(content(message)).decode("ascii"),
            }
            for message in messages
        ]
        return json.dumps(rows, sort_keys=True).encode()

    def hand_over(self, batch: Batch) -> list[Receipt]:
        rows = json.loads(batch.payload)
        self._make_folder()
        receipts = [self._accept(row) for row in rows]
        if all(receipt.outcome is Outcome.NOT_ACCEPTED for receipt in receipts):
            raise Refused(Failure.REQUEST, receipts[0].detail)
        self._sync_folder()
        return receipts

    def look_up(self, asked: Sequence[Asked]) -> list[Receipt]:
        try:
            return [Receipt(one.delivery_id, self._outcome(one)) for one in asked]
        except OSError:
            return []

    def _outcome(self, asked: Asked) -> Outcome:
        name = _file_name(asked.article_id, asked.delivery_id)
        return Outcome.ACCEPTED if (self.folder / name).exists() else Outcome.NOT_ACCEPTED

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refused(Failure.REQUEST, str(_problem(self.folder, error))) from None

    def _accept(self, row: dict[str, str]) -> Receipt:
        target = self.folder / row["file"]
        aside = self.folder / f".{row['file']}.new"
        try:
            if not target.exists():
                with aside.open("wb") as file:
                    file.write(base64.b64decode(row["content"]))
                    file.flush()
                    os.fsync(file.fileno())
                aside.replace(target)
        except OSError as error:
            # The name appears last: without it there is no message.
            return Receipt(row["delivery"], Outcome.NOT_ACCEPTED, str(_problem(target, error)))
        return Receipt(row["delivery"], Outcome.ACCEPTED, row["file"])

    def _sync_folder(self) -> None:
        """Make the names last through a power cut, where the system can (POSIX)."""
        if not hasattr(os, "O_DIRECTORY"):
            return
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _file_name(article_id: str, delivery_id: str) -> str:
    return f"{article_id}-{delivery_id}.eml"


def _problem(path: Path, error: OSError) -> Problem:
    message = f"the outbox can't write this: {error.strerror}"
    return Problem(path.name, 0, 0, Code.UNREADABLE, message, "make room for it and send again")
