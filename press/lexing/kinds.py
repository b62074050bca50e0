"""Types of token by small numbers: these are looked up faster than the types themselves."""

from functools import cache
from typing import Any

TYPES: list[Any] = []
"""The types of Pygments that have a number."""

Found = list[tuple[int, int, str]]
"""Where each token begins, the number of its kind, and its text."""


@cache
def kind_of(token: Any) -> int:
    """The number of a type, which stays its own."""
    TYPES.append(token)
    return len(TYPES) - 1
