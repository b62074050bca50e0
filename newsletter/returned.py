"""Mail that returns -> what it tells of a delivery: DSN (RFC 3464), ARF (RFC 5965), and others.

A delivery is known by the address that the mail returns to (VERP), or by the Message-ID of our own
mail, in what is returned of it. What is in none of the two formats counts only where
`flufl.bounce` knows it, and it is about the very address of that delivery.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses
from hashlib import sha256

from flufl.bounce import all_failures

from newsletter.model import Fate
from newsletter.statuses import of_status

ENVELOPE = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to")
"""Headers in which whoever keeps the mail says where it went."""
OURS = re.compile(r"<([A-Za-z0-9_-]{1,64})\.[^\s<>@]{1,200}@[^\s<>@]{1,255}>")
"""A Message-ID of ours, as compose.py makes it."""
MOST = 20_000
"""Characters of a mail that are kept; what tells why it returned is at its beginning."""
MOST_BYTES = 1_000_000
"""Of a mail: ours are far smaller, and so is what returns one. The worst of this size takes ten
seconds to be read."""
MILDNESS = (Fate.DELIVERED, Fate.ACCEPTED, Fate.DEFERRED, Fate.SOFT, Fate.BOUNCED)
"""Of several things that a report tells of one mail, the first of these counts."""
ACTIONS = {"delivered": Fate.DELIVERED, "delayed": Fate.DEFERRED, "relayed": Fate.ACCEPTED,
           "expanded": Fate.ACCEPTED}  # fmt: skip
"""RFC 3464, 2.3.3; `failed` depends on the status."""
FEEDBACK = {"not-spam": Fate.OTHER, "opt-out": Fate.UNSUBSCRIBED, "opt-out-list": Fate.UNSUBSCRIBED}
"""RFC 5965, 7.3, and what some add; any other one is a complaint."""

# Its detectors fail at what they don't foresee, and log the traceback, with the mail in it.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Returned:
    """What a mail tells."""

    fate: Fate
    delivery_ids: tuple[str, ...]
    """What may be the id of its delivery, the surest first."""
    raw: str = field(repr=False)
    dedupe: str
    addresses: frozenset[str] | None = field(default=None, repr=False)
    """Those that it has to be about, in lower case; None where its format says enough."""


def read(raw: bytes, returns_to: str) -> Returned | None:
    """What a mail tells, or None. `returns_to` is the address of bounces, with `{delivery}`."""
    if len(raw) > MOST_BYTES:
        return None
    mail = message_from_bytes(raw, policy=policy.compat32)
    said = _reported(mail)
    addresses = None
    if said is None:
        said, addresses = _guessed(mail)
    ids = tuple(
        dict.fromkeys(
            [*_envelope_ids(mail, returns_to), *_message_ids(mail, addresses is not None)]
        )
    )
    if said is None or not ids:
        return None
    kept = raw[: 4 * MOST].decode(errors="replace")[:MOST]
    return Returned(said, ids, kept, f"mail {sha256(raw).hexdigest()}", addresses)


def _reported(mail: Message) -> Fate | None:
    """What a report says, in the formats that are made for it."""
    fates: list[Fate] = []
    for part in mail.walk():
        match part.get_content_type():
            case "message/delivery-status":
                fates += _statuses(part)
            case "message/feedback-report":
                kind = _blocks(part)[0].get("Feedback-Type", "").strip().lower()
                return FEEDBACK.get(kind, Fate.COMPLAINED) if kind else None
    return min(fates, key=MILDNESS.index, default=None)


def _blocks(part: Message) -> list[Message]:
    """The groups of fields in a part: the library parses some as messages, others not at all."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload:
        return [one for one in payload if isinstance(one, Message)]
    content = part.get_payload(decode=True)
    text = content if isinstance(content, bytes) else b""
    groups = re.split(rb"\r?\n(?:[ \t]*\r?\n)+", text.strip())
    return [message_from_bytes(group, policy=policy.compat32) for group in groups]


def _statuses(part: Message) -> Iterator[Fate]:
    """Of each recipient; the first group is of the whole mail, and has no action."""
    for block in _blocks(part):
        action = str(block.get("Action", "")).split("(")[0].strip().lower()
        if action == "failed":
            yield of_status(f"{block.get('Status', '')}")
        elif action in ACTIONS:
            yield ACTIONS[action]


def _guessed(mail: Message) -> tuple[Fate | None, frozenset[str]]:
    """What a mail in no such format says to who has seen many, and of which addresses."""
    try:
        passing, lasting = all_failures(mail)
    except Exception:  # noqa: BLE001  # its detectors fail in many ways at what they don't foresee
        return None, frozenset()
    found = {one.decode(errors="replace").lower() for one in lasting or passing}
    if not found:
        return None, frozenset()
    return (Fate.BOUNCED if lasting else Fate.DEFERRED), frozenset(found)


def _envelope_ids(mail: Message, returns_to: str) -> Iterator[str]:
    """Ids in the addresses that it went to, of the shape that ours have."""
    before, mark, after = returns_to.partition("{delivery}")
    if not mark:
        return
    shape = re.compile(
        f"{re.escape(before)}([A-Za-z0-9_-]{{1,64}}){re.escape(after)}", re.IGNORECASE
    )
    told = [str(value) for name in ENVELOPE for value in mail.get_all(name, [])]
    for _, address in getaddresses(told):
        if found := shape.fullmatch(address):
            yield found[1]


def _message_ids(mail: Message, in_text: bool) -> Iterator[str]:
    """Ids in what is returned of our own mail: its headers, or all of it; perhaps within a text."""
    for part in mail.walk():
        if part is not mail:
            yield from OURS.findall(str(part.get("Message-ID", "")))
        kind = part.get_content_type()
        if kind == "text/rfc822-headers" or (in_text and kind == "text/plain"):
            content = part.get_payload(decode=True)
            text = content.decode(errors="replace") if isinstance(content, bytes) else ""
            for line in re.findall(r"(?im)^[ \t>]*message-id:\s*(\S+)", text):
                yield from OURS.findall(line)
