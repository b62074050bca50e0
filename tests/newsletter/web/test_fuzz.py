"""Whatever is sent to whichever address: no fault of ours, and GET and HEAD change no row."""

import json
import re
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.web import guard
from newsletter.web.app import ROUTES
from tests.newsletter.web.conftest import APP, People, text_of

PATHS = sorted({path for _, path, _ in ROUTES} | {"/healthz", "/metrics", "/assets/style.css"})
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"]
NAMES = st.sampled_from(
    ["email", "form", "wording", "website", "shown", "session", "action", "cadence", "days",
     "topics", "paused", "sure", "List-Unsubscribe", "x"]
)  # fmt: skip
WORDS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["ada@example.org", "save", "data", "leave", "erase", "address", "course", "weekly", "7",
         "One-Click"]
    ),
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(WORDS, st.integers(), st.none(), st.booleans(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=5,
)
KINDS = [
    "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x",
    "application/json", "text/plain", "application/x-www-form-urlencoded; charset=utf-7", "", "/",
]  # fmt: skip
BODIES = st.one_of(
    st.binary(max_size=200),
    st.dictionaries(NAMES, VALUES, max_size=6),
)
SECRETS = st.one_of(st.text(min_size=1, max_size=30), st.sampled_from(["TOKEN", "SESSION"]))


def fill(path: str, secret: str) -> str:
    return path.replace("<secret>", quote(secret.encode(errors="replace"), safe=""))


def body(given: Any, kind: str) -> dict[str, Any]:
    if isinstance(given, dict) and "json" in kind:
        return {"data": json.dumps(given).encode(), "content_type": kind}
    if isinstance(given, dict):
        clean = {
            name: str(value).encode(errors="replace").decode() for name, value in given.items()
        }
        return {"data": clean, **({"content_type": kind} if "form" in kind else {})}
    return {"data": given, "content_type": kind}


@given(st.sampled_from(METHODS), st.sampled_from(PATHS), SECRETS, BODIES, st.sampled_from(KINDS))
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nothing_is_a_fault_of_ours(
    people: People, method: str, path: str, secret: str, given: Any, kind: str
) -> None:
    people.desk.taps._drops.clear()
    if not people.rows()["subscriber"]:
        people.series.subscribe("ada")
    words = {
        "TOKEN": people.rows()["subscriber"][0]["token"],
        "SESSION": people.desk.sessions.give(people.rows()["subscriber"][0]["id"]),
    }
    if isinstance(given, dict) and secret == "SESSION":
        given = {**given, "session": words["SESSION"]}
    before = people.rows() if method in ("GET", "HEAD", "OPTIONS") else None
    answer = people.client.open(
        fill(path, words.get(secret, secret)), method=method, base_url=APP, **body(given, kind)
    )
    assert answer.status_code < 500
    assert answer.headers["X-Frame-Options"] == guard.HEADERS["X-Frame-Options"]
    if before is not None:
        assert people.rows() == before


def links(mail: EmailMessage) -> set[str]:
    """Every address that a scanner finds in a mail: in its texts and its headers."""
    headers = " ".join(str(value) for value in mail.values())
    text = f"{headers} {text_of(mail)} {text_of(mail, 'html')}"
    return {found.rstrip(".,)") for found in re.findall(rf"{APP}[^\s\"'<>]*", text)}


def test_a_scanner_that_opens_every_link_of_every_mail_changes_no_row(people: People) -> None:
    people.ask("ada@example.org")
    mails = people.letters()
    people.post(next(one for one in links(mails[0]) if "/confirm/" in one))
    mails += people.letters()
    people.series.send("newest")
    people.ask("ada@example.org", "/preferences")
    people.clock.later(days=1)
    people.ask("ada@example.org")
    mails += people.letters()
    people.act(people.enter("ada@example.org"), "address", email="new@example.org")
    people.letters()
    mails = people.series.mails()
    found = set().union(*map(links, mails))
    kinds = {one.split("/")[3] for one in found if one.count("/") > 2}
    assert {"confirm", "unsubscribe", "settings", "moved"} <= kinds
    before = people.rows()
    for address in found:
        for method in ("HEAD", "GET", "OPTIONS"):
            answer = people.client.open(
                address.removeprefix(APP), method=method, base_url=APP,
                headers={"User-Agent": "scanner", "Cookie": "a=b", "Referer": "https://mail.example"},
            )  # fmt: skip
            assert answer.status_code in (200, 410), address
    assert people.rows() == before
    assert "moved" in kinds
