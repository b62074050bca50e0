"""What every request has to be, and what every answer says."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.web import app, guard, options, stamps
from newsletter.web.guard import Taps
from press.problems import ProblemsFound
from tests.newsletter.web.conftest import APP, People

PAGES = [
    "/subscribe",
    "/preferences",
    "/unsubscribe/x",
    "/confirm/x",
    "/settings/x",
    "/moved/x",
    "/no",
]


@pytest.mark.parametrize("path", [*PAGES, "/healthz", "/metrics", "/assets/style.css"])
def test_each_answer_is_guarded(few: People, path: str) -> None:
    for answer in (few.get(path), few.post(path)):
        assert answer.headers["X-Frame-Options"] == "DENY"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Set-Cookie" not in answer.headers
        assert "Location" not in answer.headers
        if not path.startswith("/assets"):
            assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_runs_or_fetches_anything(few: People, path: str) -> None:
    text = few.get(path).text
    assert "<script" not in text
    assert "<style" not in text
    assert " style=" not in text


@pytest.mark.parametrize(
    "host",
    ["evil.example", "news.example.org.evil.example", "news.example.org:8080", "", "a b", "@"],
)
def test_another_host_s_name_is_refused(few: People, host: str) -> None:
    answer = few.get("/subscribe", headers={"Host": host})
    assert answer.status_code in (400, 421)
    assert "evil" not in answer.text


def test_a_machine_may_look_by_any_name(few: People) -> None:
    assert few.get("/healthz", headers={"Host": "10.0.0.7:8025"}).status_code == 200


@pytest.mark.parametrize(
    ("origin", "path", "status"),
    [
        ("https://example.org", "/subscribe", 200), (APP, "/subscribe", 200),
        ("HTTPS://EXAMPLE.ORG", "/subscribe", 200), ("https://evil.example", "/subscribe", 403),
        ("null", "/subscribe", 403), ("", "/subscribe", 403),
        ("http://example.org", "/subscribe", 403), ("https://example.org", "/preferences", 403),
        (APP, "/preferences", 200), ("https://evil.example", "/settings", 403),
        ("https://evil.example", "/confirm/x", 403), (APP, "/confirm/x", 410),
    ],
)  # fmt: skip
def test_another_s_page_can_not_ask(few: People, origin: str, path: str, status: int) -> None:
    before = few.rows()
    answer = few.post(path, {"email": "ada@example.org"}, headers={"Origin": origin})
    assert answer.status_code == status
    assert (few.rows() == before) == (status != 200)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_large_form_is_refused(few: People, kind: str) -> None:
    before = few.rows()
    data = {"email": "ada@example.org", "more": "x" * 20_000}
    assert few.post("/subscribe", data, content_type=kind).status_code == 413
    assert few.rows() == before


@pytest.mark.parametrize("path", ["/subscribe", "/preferences", "/unsubscribe/x"])
def test_who_asks_too_often_has_to_wait(few: People, path: str) -> None:
    desk = replace(few.desk, taps=Taps(3))
    client = app.make(desk).test_client()
    answers = [client.post(path, base_url=APP) for _ in range(4)]
    assert [answer.status_code for answer in answers][3:] == [429]
    assert answers[3].headers["Retry-After"] == "60"
    other = {"REMOTE_ADDR": "198.51.100.7"}
    assert client.post(path, base_url=APP, environ_base=other).status_code != 429
    assert client.get("/subscribe", base_url=APP).status_code == 200


def test_taps_open_again_a_drop_at_a_time() -> None:
    taps = Taps(6)
    assert [taps.opens("a", 0.0) for _ in range(7)] == [True] * 6 + [False]
    assert not taps.opens("a", 9.0)
    assert taps.opens("a", 20.0)
    assert [taps.opens("a", 1e6) for _ in range(7)].count(True) == 6


def test_many_networks_take_no_more_room() -> None:
    taps = Taps(1, most=10)
    for number in range(100):
        assert taps.opens(str(number), 0.0)
    assert len(taps._drops) == 10
    assert not taps.opens("99", 0.0)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"), ("fe80::1%eth0", "fe80::/48"), ("", ""),
        ("x", ""), ("1.2.3.4, 5.6.7.8", ""),
    ],
)  # fmt: skip
def test_a_network_is_a_part_of_an_address(address: str, found: str) -> None:
    assert guard.network(address) == found


def test_what_a_client_claims_of_itself_counts_only_behind_a_proxy(few: People) -> None:
    claims = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example"}
    few.post("/subscribe", {"email": "a@example.org"}, headers=claims)
    behind = replace(few.desk, options=replace(few.desk.options, proxies=1))
    client = app.make(behind).test_client()
    client.post("/subscribe", base_url=APP, data={"email": "a@example.org"}, headers=claims)
    claims["X-Forwarded-For"] = "203.0.113.9, 198.51.100.4"  # the last is what our proxy saw
    client.post("/subscribe", base_url=APP, data={"email": "a@example.org"}, headers=claims)
    networks = [row["network"] for row in few.rows()["ask"]]
    assert networks == ["127.0.0.0/24", "203.0.113.0/24", "198.51.100.0/24"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"proxies": -1}, "whole number"), ({"proxies": "one"}, "whole number"),
        ({"posts": 3}, "no key `posts`"), ({"mails-an-hour": "²"}, "whole number"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_a_problem(table: dict[str, object], said: str) -> None:
    with pytest.raises(ProblemsFound, match=said):
        options.read(table)
    assert options.read({"proxies": 2}).proxies == 2


def test_keys_can_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = "o" * 32, "n" * 32
    monkeypatch.setenv(stamps.VARIABLE, old)
    given = stamps.stamps(stamps.keys(), "x").give(7)
    monkeypatch.setenv(stamps.VARIABLE, f"{new}, {old}")
    both = stamps.stamps(stamps.keys(), "x")
    found = both.read(given, 60)
    assert found
    assert found[0] == 7
    newest = stamps.stamps([new], "x")
    assert newest.read(both.give(8), 60)
    assert newest.read(given, 60) is None
    assert stamps.stamps(stamps.keys(), "y").read(given, 60) is None


def test_without_a_key_one_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(stamps.VARIABLE, raising=False)
    assert stamps.keys() != stamps.keys()


def test_a_short_key_is_a_problem_that_does_not_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(stamps.VARIABLE, "swordfish")
    with pytest.raises(ProblemsFound) as raised:
        stamps.keys()
    assert "swordfish" not in str(raised.value)


@given(st.text())
def test_no_text_is_a_stamp(text: str) -> None:
    assert stamps.stamps(["k" * 32], "x").read(text, 60) is None
