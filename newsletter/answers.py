"""Providers' answers, which may be anything -> values that are safe to look at and to show."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from newsletter.http import Refused, Response
from newsletter.model import Asked, Batch, Outcome, Receipt

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


def of_messages(batch: Batch, said: Sequence[Receipt | Refused]) -> list[Receipt]:
    """What a provider said of the first messages of a batch, in their order.

    Raises Refused where that is the same as a refusal of the batch.
    """
    refusals = [one for one in said if isinstance(one, Refused)]
    if refusals and len(refusals) == len(batch.delivery_ids):
        raise refusals[0]
    return [
        one if isinstance(one, Receipt) else Receipt(delivery_id, Outcome.NOT_ACCEPTED, one.detail)
        for delivery_id, one in zip(batch.delivery_ids, said, strict=False)
    ]


def newest_first(asked: Iterable[Asked]) -> list[Asked]:
    """In the order of questions: of the oldest, a provider knows nothing any more."""
    return sorted(asked, key=lambda one: one.at, reverse=True)


def of_each(
    asked: Sequence[Asked],
    responses: Sequence[Response],
    told: Callable[[Asked, Response], Receipt | None],
) -> list[Receipt]:
    """What the answers say, where there was a question for each of the first, in their order."""
    receipts = (told(*pair) for pair in zip(asked, responses, strict=False))
    return [receipt for receipt in receipts if receipt]


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
