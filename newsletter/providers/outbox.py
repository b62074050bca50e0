"""The embedded provider: accepts a message by writing it to a folder as an .eml file.

A file is named after its delivery and appears whole or not at all, so the folder itself is the
provider's memory: it can be asked, and handing a delivery over again changes nothing.
"""

import base64
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from newsletter.model import Message, Outcome, Receipt
from newsletter.place import Place
from newsletter.providers import NotAccepted
from press.problems import Code, Problem


def connect(place: Place) -> "Outbox":
    return Outbox(place.outbox)


@dataclass(frozen=True, slots=True)
class Outbox:
    folder: Path
    limit: int = 100

    def freeze(self, messages: Sequence[Message]) -> bytes:
        rows = [
            {
                "delivery": message.delivery_id,
                "file": f"{message.article_id}-{message.delivery_id}.eml",
                "content": base64.b64encode(message.content).decode("ascii"),
            }
            for message in messages
        ]
        return json.dumps(rows, sort_keys=True).encode()

    def hand_over(self, payload: bytes, key: str) -> list[Receipt]:  # noqa: ARG002  # names are keys
        rows = json.loads(payload)
        self._make_folder()
        receipts = [self._accept(row) for row in rows]
        self._sync_folder()
        return receipts

    def look_up(self, delivery_ids: Sequence[str]) -> list[Receipt]:
        try:
            there = {path.stem.rpartition("-")[2] for path in self.folder.glob("*.eml")}
        except OSError:
            return []
        return [
            Receipt(one, Outcome.ACCEPTED if one in there else Outcome.NOT_ACCEPTED)
            for one in delivery_ids
        ]

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NotAccepted(_problem(self.folder, error)) from None

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


def _problem(path: Path, error: OSError) -> Problem:
    message = f"the outbox can't write this: {error.strerror}"
    return Problem(path.name, 0, 0, Code.UNREADABLE, message, "make room for it and send again")
