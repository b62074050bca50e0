"""Providers' answers, which may be anything -> values that are safe to look at and to show."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from newsletter.http import Response

LONGEST_WAIT = 86_400.0
"""Seconds; a time that is further away is a mistake, or comes of a wrong clock."""


def table(response: Response) -> Mapping[str, Any]:
    """Its body as a JSON object; an empty one for anything else, as refusals often are."""
    try:
        told = json.loads(response.body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def rows(value: object) -> list[dict[str, Any]] | None:
    """A list of JSON objects; None for what is none."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return None
    return value


def shown(value: object) -> str:
    """A short text for people; an empty one for what is no text."""
    text = value if isinstance(value, str) else ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]


def until(text: str) -> float | None:
    """Seconds until a time: in seconds since 1970, or as RFC 5322 has it. None for no time."""
    try:
        at = datetime.fromtimestamp(int(text), UTC) if text.isdigit() else _moment(text)
        return min(max((at - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_WAIT)
    except (ValueError, OverflowError, OSError):
        return None


def _moment(text: str) -> datetime:
    at = parsedate_to_datetime(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
