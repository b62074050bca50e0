"""docs/adding-a-provider.md: the provider that it takes a newcomer through does what it says."""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import cast

import pytest

from newsletter.http import Access, Refused, Response
from newsletter.model import Batch, Failure, Fate, Mail, Message, Outcome
from newsletter.providers import HttpProvider
from newsletter.webhooks import Forged, Incoming, Webhook
from tests.conftest import REPOSITORY

MAIL = Mail("first", "A Series <a@example.org>", "b@example.org", "On the First", "t", "h", {})
MESSAGES = [Message(MAIL, f"d{n}", f"r{n}@example.org", f"t{n}", "2026-01-01") for n in range(3)]


def file(number: int) -> ModuleType:
    """What the page shows: the provider's file, and the one for what it tells."""
    text = (REPOSITORY / "docs/adding-a-provider.md").read_text()
    codes = re.findall(r"^```python[^\n]*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(codes) == 2
    made = ModuleType("postbote")
    exec(codes[number], made.__dict__)
    return made


@pytest.fixture
def postbote() -> HttpProvider:
    return cast("HttpProvider", file(0))


def batch(postbote: HttpProvider) -> Batch:
    payload = postbote.freeze(MESSAGES, {})
    return Batch(1, 1, "k" * 64, payload, 1, tuple(one.delivery_id for one in MESSAGES))


def test_its_request_has_each_message_and_the_secret_only_in_its_headers(
    postbote: HttpProvider,
) -> None:
    assert postbote.limit(MAIL) == 100
    access = Access({}, {"POSTBOTE_KEY": "secret-key"}, postbote.URL, datetime.now(UTC))
    request = postbote.request(batch(postbote), access)
    assert [row["reference"] for row in json.loads(request.body)] == ["d0", "d1", "d2"]
    assert b"secret-key" not in request.body
    assert request.headers["Authorization"] == "Bearer secret-key"


def test_it_gives_receipts_for_what_the_answer_says_and_no_more(postbote: HttpProvider) -> None:
    rows = [{"state": "taken"}, {"state": "no such mailbox"}, {"state": "on strike"}]
    given = postbote.receipts(
        Response(200, {}, json.dumps({"letters": rows}).encode()), batch(postbote)
    )
    assert [one.outcome for one in given] == [
        Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN,
    ]  # fmt: skip
    assert postbote.receipts(Response(200, {}, b"<html>"), batch(postbote)) == []
    with pytest.raises(Refused) as refused:
        postbote.receipts(Response(503, {}, b""), batch(postbote))
    assert refused.value.failure is Failure.AMBIGUOUS


def test_what_it_tells_is_proven_first() -> None:
    hook = cast("Webhook", file(1))
    now = datetime.now(UTC)
    body = b'{"what": "arrived", "reference": "d0", "id": "e1", "more": [1]}'
    at = str(int(now.timestamp()))
    signature = hmac.new(b"new", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    incoming = Incoming({"postbote-time": at, "postbote-signature": signature}, body)
    hook.verify(incoming, ["new", "old"], now, lambda _: b"")
    [told] = hook.events(incoming)
    assert (told.fate, told.delivery_id, told.dedupe) == (Fate.DELIVERED, "d0", "e1")
    for secrets, body in ((["old"], incoming.body), (["new"], incoming.body + b" ")):
        with pytest.raises(Forged):
            hook.verify(Incoming(incoming.headers, body), secrets, now, lambda _: b"")
    with pytest.raises(Forged, match="in time"):
        hook.verify(incoming, ["new"], now + timedelta(minutes=6), lambda _: b"")
    assert hook.events(Incoming({}, b"[]"))[0].fate is Fate.OTHER
