"""A name for a value: equal values have the same, and others another, from one run to the next."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, tzinfo
from enum import Enum
from functools import cache
from hashlib import sha256
from pathlib import PurePath


def of(*values: object) -> str:
    """SHA-256 in hexadecimal. Raises TypeError for a value that has no name."""
    return sha256("".join(_written(list(values))).encode("utf-8", "surrogatepass")).hexdigest()


def _written(value: object) -> Iterator[str]:
    """A text from which the value, and that of each of its parts, could be told again."""
    kind = type(value)
    if isinstance(value, str) and kind is str:
        yield f"s{len(value)}:{value}"
    elif value is None or kind in (bool, int, float):
        yield f"{value!r};"
    elif kind in (tuple, list):
        yield "("
        for part in value:  # type: ignore[attr-defined]
            yield from _written(part)
        yield ")"
    else:
        yield from _of_others(value)


def _of_others(value: object) -> Iterator[str]:
    if is_dataclass(value) and not isinstance(value, type):
        yield f"{type(value).__name__}("
        for name in _names(type(value)):
            yield from _written(getattr(value, name))
        yield ")"
    elif isinstance(value, Mapping):
        yield "{"
        for key in sorted(value):
            yield from _written(key)
            yield from _written(value[key])
        yield "}"
    elif isinstance(value, frozenset | set):
        yield from _written(sorted(value))
    elif isinstance(value, bytes):
        yield f"b{sha256(value).hexdigest()}"
    else:
        yield from _written(_plain(value))


def _plain(value: object) -> object:
    for kind, plain in PLAIN.items():
        if isinstance(value, kind):
            return [kind.__name__, plain(value)]
    raise TypeError(f"a {type(value).__name__} has no digest")


PLAIN: Mapping[type, Callable[..., object]] = {
    Enum: lambda one: one.value,
    datetime: datetime.isoformat,
    tzinfo: str,
    PurePath: str,
}


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
