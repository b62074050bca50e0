"""With which characters a match of a regular expression can begin: rather too many than too few."""

import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any

# What `re` reads an expression with. It has no public name; the tests hold us to each Python.
_reader = import_module("re._parser")

WIDE = 128
"""Stands for each character that is not ASCII."""
EVERY = frozenset(range(WIDE + 1))
NOTHING: frozenset[int] = frozenset()


@cache
def _of_category(name: str) -> frozenset[int]:
    pattern = re.compile({"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}[name.rpartition("_")[2]])
    ours = frozenset(code for code in range(WIDE) if pattern.match(chr(code)))
    return (EVERY - ours if "_NOT_" in name else ours) | {WIDE}


@cache
def beginnings(regex: str, flags: int) -> frozenset[int]:
    """The characters that a match can begin with, by their numbers; all where it can be empty."""
    read = _reader.parse(regex, flags)
    first, empty = _sequence(read, read.state.flags)
    return EVERY if empty else first


@cache
def takes_nothing(regex: str) -> bool:
    """Whether a match is always empty: it looks around, and no more. False for half a regex."""
    try:
        return _sequence(_reader.parse(regex), 0) == (NOTHING, True)
    except re.error:
        return False


def _sequence(items: Iterable[tuple[Any, Any]], flags: int) -> tuple[frozenset[int], bool]:
    """What can come first, and whether all of it can be empty."""
    found = NOTHING
    for operation, value in items:
        first, empty = _item(str(operation), value, flags)
        found |= first
        if not empty:
            return found, False
    return found, True


def _item(operation: str, value: Any, flags: int) -> tuple[frozenset[int], bool]:
    match operation:
        case "LITERAL" | "RANGE" | "CATEGORY":
            return _members([(operation, value)], flags), False
        case "NOT_LITERAL":
            return _members([("NEGATE", None), ("LITERAL", value)], flags), False
        case "IN":
            return _members([(str(kind), member) for kind, member in value], flags), False
        case "BRANCH":
            sides = [_sequence(side, flags) for side in value[1]]
            return NOTHING.union(*(first for first, _ in sides)), any(empty for _, empty in sides)
        case "SUBPATTERN":
            return _sequence(value[3], (flags | value[1]) & ~value[2])
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            first, empty = _sequence(value[2], flags)
            return first, empty or value[0] == 0
        case "ATOMIC_GROUP":
            return _sequence(value, flags)
        case "AT" | "ASSERT" | "ASSERT_NOT":
            return NOTHING, True
    return EVERY, operation != "ANY"  # what we don't know can be anything


def _members(members: list[tuple[str, Any]], flags: int) -> frozenset[int]:
    """Of a class of characters."""
    found = NOTHING
    for kind, value in members:
        if kind == "CATEGORY":
            found |= _of_category(str(value))
        elif kind != "NEGATE":
            low, high = value if kind == "RANGE" else (value, value)
            found |= frozenset(range(min(low, WIDE), min(high, WIDE) + 1))
    negated = members[0][0] == "NEGATE"
    if flags & re.IGNORECASE:
        # Some letters are one without their case and lie apart: K and the sign of Kelvin.
        return EVERY if negated or WIDE in found else _any_case(found) | {WIDE}
    return EVERY - found | {WIDE} if negated else found


def _any_case(codes: frozenset[int]) -> frozenset[int]:
    letters = "".join(map(chr, codes))
    return frozenset(map(ord, letters.lower() + letters.upper()))
