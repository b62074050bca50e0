"""Events of providers, as they came: each is kept once, whoever tells it how often."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection

from newsletter.store.portions import insert_new
from newsletter.store.schema import event

USED = "used"
"""The kind of an entry that stands for what may be used once."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a provider has told of a delivery."""

    provider: str
    kind: str
    delivery_id: str
    raw: str
    dedupe: str = ""
    """What two copies of it share; empty for all that it says."""
    once: str = ""
    """What vouched for it and may do so once: another event that shows the same is not kept."""


Said = tuple[str, str, str]
"""Delivery, kind and provider of an event."""


def id_of(told: Event) -> str:
    return _storable(told.delivery_id)[:32]


def keep(
    connection: Connection, told: Sequence[Event], nameless: Collection[str], now: str
) -> list[Said]:
    """Keep those events that are not there yet; these, in their order.

    Of `nameless` mails nothing is kept that could bring an address back.
    """
    used = {_key(one.provider, f"once {one.once}"): one for one in reversed(told) if one.once}
    marks = [_row(key, USED, "", "", now) for key in sorted(used)]
    unused = insert_new(connection, event, marks, "provider", "dedupe")
    vouched = [one for one in told if not one.once or _is_first(one, used, unused)]
    events = {_key(one.provider, one.dedupe or one.raw): one for one in reversed(vouched)}
    rows = [
        _row(key, _kind(one), id_of(one), "" if id_of(one) in nameless else one.raw, now)
        for key, one in sorted(events.items())
    ]
    new = insert_new(connection, event, rows, "provider", "dedupe")
    return [
        (id_of(one), one.kind, one.provider) for key, one in reversed(events.items()) if key in new
    ]


def _is_first(
    one: Event, used: Mapping[tuple[str, str], Event], unused: Collection[tuple[str, str]]
) -> bool:
    key = _key(one.provider, f"once {one.once}")
    return key in unused and used[key] is one


def _key(provider: str, text: str) -> tuple[str, str]:
    return provider, sha256(text.encode(errors="replace")).hexdigest()


def _kind(told: Event) -> str:
    return _storable(told.kind)[:16]


def _row(key: tuple[str, str], kind: str, one: str, raw: str, now: str) -> dict[str, str]:
    return {
        "provider": key[0],
        "dedupe": key[1],
        "kind": kind,
        "delivery_id": one,
        "raw": _storable(raw),
        "at": now,
    }


def _storable(text: str) -> str:
    """A text without what a database can't keep: half characters, and NUL in PostgreSQL."""
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
