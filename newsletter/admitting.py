"""Who may tell us things by HTTP, and when: secrets are compared in constant time."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from newsletter.model import Fate
from newsletter.webhooks import Forged, Incoming, Told, Unreadable

CLOCKS = timedelta(minutes=5)
"""How much a provider's clock may differ from ours."""


def require_credentials(incoming: Incoming, secrets: Sequence[str]) -> None:
    """Raise Forged without Basic or Bearer credentials (RFC 7617, 6750) that are a secret.

    For Basic ones a secret is `user:password`.
    """
    scheme, _, given = incoming.headers.get("authorization", "").partition(" ")
    kinds = {"basic": lambda one: b64encode(one).decode("ascii"), "bearer": bytes.decode}
    told = kinds.get(scheme.lower())
    if told is None or not is_any(given.strip(), [told(one.encode()) for one in secrets]):
        raise Forged("its credentials are not ours")


def is_any(given: str, expected: Sequence[str]) -> bool:
    """Whether a text is one of some; how long that takes does not tell how much of it is right."""
    raw = given.encode(errors="replace")
    return any(compare_digest(raw, one.encode(errors="replace")) for one in expected)


def require_timely(at: datetime, now: datetime, longest: timedelta) -> None:
    """Raise Forged for what was said longer ago than that, or in the time to come."""
    if not -CLOCKS <= now - at <= longest:
        raise Forged("it does not come in time")


def epoch(text: object) -> datetime:
    """The time of so many seconds since 1970. Raises Forged for what is no number of them."""
    digits = str(text)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 12):
        raise Forged("it has no time")
    return datetime.fromtimestamp(int(digits), UTC)


def moment(text: object) -> datetime:
    """An ISO 8601 time with its zone. Raises Forged for what is none."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        raise Forged("it has no time") from None
    if at.tzinfo is None:
        raise Forged("its time has no zone")
    return at


def header(incoming: Incoming, name: str) -> str:
    """A header that has to be there. Raises Forged."""
    value = incoming.headers.get(name, "")
    if not value:
        raise Forged(f"it has no {name}")
    return value


def parsed(body: bytes | str) -> Any:
    """A body as JSON (RFC 8259: UTF-8). Raises Unreadable."""
    try:
        return json.loads(body.decode() if isinstance(body, bytes) else body)
    except (ValueError, RecursionError):
        raise Unreadable("it is no JSON") from None


def table(value: object) -> dict[str, Any]:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """What a list has in it, or the one thing that stands in its place."""
    return value if isinstance(value, list) else [value]


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def dump(value: object) -> str:
    """A part of what was told, by itself."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def key(item: Mapping[str, Any], *names: str) -> str:
    """What identifies an event, of some of its values; empty where it has none of them."""
    values = {name: item[name] for name in names if item.get(name) is not None}
    return dump(values) if values else ""


def strange(item: object) -> Told:
    """What can't be understood, and is kept."""
    return Told(Fate.OTHER, "", dump(item))
