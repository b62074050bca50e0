"""For who runs it: who may look, and that the numbers are right and name nobody."""

import re
from base64 import b64encode
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import create_engine, insert, select

from newsletter import leaving, report
from newsletter.model import State
from newsletter.store import deliveries, history, schema
from newsletter.store.history import Day
from newsletter.store.joining import Way
from newsletter.web import admin, app, watching
from press.problems import ProblemsFound
from tests.newsletter import ledgers
from tests.newsletter.conftest import entry
from tests.newsletter.web.conftest import TEXT, People, link
from tests.newsletter.web.serving import free_port, served
from tests.newsletter.web.test_serving import prepared

SECRET = "t" * 32
BEARER = {"Authorization": f"Bearer {SECRET}"}


def basic(name: str, password: str) -> dict[str, str]:
    pair = b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(watching.VARIABLE, SECRET)


def opened(people: People) -> People:
    """The same with its pages for who runs it."""
    return replace(people, flask=app.make(people.desk, with_admin=True))


def numbers(people: People) -> Any:
    answer = opened(people).get("/admin", headers={**BEARER, **TEXT})
    assert answer.status_code == 200
    return answer.json


def test_there_is_none_unless_it_is_asked_for(few: People) -> None:
    assert few.get("/admin", headers=BEARER).status_code == 404
    assert opened(few).get("/admin", headers=BEARER).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, basic("me", ""), basic(SECRET, "me"), basic("me", SECRET[:-1]),
     {"Authorization": "Bearer"}, {"Authorization": f"Digest {SECRET}"},
     {"Authorization": "Basic ²"}, {"Cookie": f"token={SECRET}"}],
)  # fmt: skip
def test_a_browser_asks_who_has_no_token(few: People, headers: dict[str, str]) -> None:
    answer = opened(few).get("/admin", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert "Subscribers" not in answer.text


@pytest.mark.parametrize("headers", [basic("anybody", SECRET), basic("", SECRET), BEARER])
def test_the_token_opens_it_with_any_name(few: People, headers: dict[str, str]) -> None:
    answer = opened(few).get("/admin", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert opened(few).get(f"/admin?token={SECRET}").status_code == 401


def test_nobody_can_go_on_guessing(few: People) -> None:
    people = opened(few)
    statuses = [
        people.get("/admin", headers=basic("a", f"guess {n}")).status_code
        for n in range(admin.TRIES + 5)
    ]
    assert statuses == [401] * admin.TRIES + [429] * 5
    right = people.get("/admin", headers=BEARER)
    assert (right.status_code, right.headers["Retry-After"]) == (429, "60")
    elsewhere = people.get("/admin", headers=BEARER, environ_overrides={"REMOTE_ADDR": "192.0.2.9"})
    assert elsewhere.status_code == 200


@pytest.mark.parametrize("token", ["", "x" * (admin.SHORTEST - 1)])
def test_it_does_not_start_without_a_token(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(watching.VARIABLE, token)
    with pytest.raises(ProblemsFound, match=watching.VARIABLE) as raised:
        admin.require_token()
    assert not token or token not in str(raised.value)


def test_it_runs_as_a_process(few: People) -> None:
    port = free_port()
    toml = few.series.root / "series.toml"
    toml.write_text(re.sub("app-url = .*\n", "", toml.read_text()))
    environment = prepared(few.series, port)
    with served(few.series.root, port, "--admin", **environment) as one:
        assert requests.get(f"{one.url}/admin", timeout=30).status_code == 401
        assert requests.get(f"{one.url}/admin", timeout=30, auth=("", SECRET)).status_code == 200


def lived(people: People) -> None:
    """Some come, some go, one comes back, one moves, one is erased."""
    for name in ("ada", "bob", "eve", "joe", "liz", "may"):
        people.join(f"{name}@example.org")
    people.clock.later(days=2)
    people.series.send("newest")
    desk = people.desk
    leaving.leave(desk.database, desk.journal, ["ada@example.org"], Way.PAGE, desk.now())
    leaving.erase(desk.database, desk.journal, "bob@example.org", desk.now())
    leaving.leave(desk.database, desk.journal, ["eve@example.org"], Way.PAGE, desk.now())
    leaving.erase(desk.database, desk.journal, "eve@example.org", desk.now())
    people.clock.later(days=1)
    people.join("ada@example.org")
    people.act(people.enter("joe@example.org"), "address", email="zoe@example.org")
    people.post(link(people.letter(), "moved"))


def test_who_came_and_went_adds_up(people: People) -> None:
    lived(people)
    with people.desk.database.reading() as connection:
        days = history.days(connection)
        now, unreachable = history.confirmed(connection)
    assert days == [Day("2026-03-01", 6, 0), Day("2026-03-03", 0, 3), Day("2026-03-04", 2, 1)]
    standings = [row["standing"] for row in people.rows()["subscriber"]]
    assert (now, unreachable) == (standings.count("confirmed"), 0) == (4, 0)
    assert sum(day.came - day.went for day in days) == now


def test_who_is_in_already_does_not_come_again(people: People) -> None:
    people.join("ada@example.org")
    with people.desk.database.transaction() as connection:
        [who] = connection.execute(select(schema.subscriber.c.id)).scalars()
        for standing in ("confirmed", "unsubscribed", "unsubscribed", "confirmed"):
            row = {"subscriber_id": who, "standing": standing, "how": "a test", "at": "2026-03-02"}
            connection.execute(insert(schema.consent), row)
        assert history.days(connection) == [Day("2026-03-01", 1, 0), Day("2026-03-02", 1, 1)]


def test_the_page_has_all_numbers_and_nobody(people: People) -> None:
    lived(people)
    told = numbers(people)
    assert told["now"] == 4
    assert [one["total"] for one in told["periods"]] == [6, 3, 4]
    [article] = [one for one in told["articles"] if one["planned"]]
    assert (article["title"], article["planned"], article["accepted"]) == ("On second", 7, 6)
    assert ["confirmed", 7] in told["asks"]
    page = opened(people).get("/admin", headers=BEARER).text
    for text in (page, str(told)):
        assert "@example.org" not in text.replace("author@example.org", "")
        assert not re.search("ada|bob|eve|joe|liz|may@", text)
    assert page.count("<svg") == 2
    assert "style=" not in page
    for number in ("6", "3", "4"):
        assert f"<td>{number}</td>" in page


def test_looking_changes_nothing(people: People) -> None:
    lived(people)
    before = ledgers.everything(people.desk.database)
    numbers(people)
    assert ledgers.everything(people.desk.database) == before
    assert opened(people).post("/admin", headers=BEARER).status_code == 405


def test_a_ledger_without_anybody(few: People) -> None:
    page = opened(few).get("/admin", headers=BEARER)
    assert page.status_code == 200
    assert "Nothing was told yet." in page.text


def test_a_ledger_that_fails_says_so(few: People) -> None:
    engine = create_engine(f"sqlite:////{few.series.root}/no/such/file.db")
    database = replace(few.desk.database, engine=engine)
    failing = opened(replace(few, desk=replace(few.desk, database=database)))
    assert failing.get("/admin", headers=BEARER).status_code == 503


def test_what_a_title_has_is_text(few: People) -> None:
    few.series.subscribe("ada")
    few.series.publish(replace(entry(0, "first"), title="<script>alert(1)</script>"))
    few.series.send("first")
    page = opened(few).get("/admin", headers=BEARER).text
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 2  # in the plot and in the table


def test_long_histories_are_told_by_weeks() -> None:
    today = date(2026, 6, 1)
    days = [Day((today - timedelta(days=n)).isoformat(), 1, 0) for n in range(120, -1, -1)]
    found = admin.periods(days, today)
    assert {date.fromisoformat(one["since"]).weekday() for one in found} == {0}
    assert (found[-1]["total"], sum(one["came"] for one in found)) == (121, 121)
    assert len(admin.periods(days[-60:], today)) == 60
    assert admin.periods([], today) == [{"since": "2026-06-01", "came": 0, "went": 0, "total": 0}]


def test_digests_are_one_row_and_what_nobody_was_told_is_none() -> None:
    def row(article: str, kind: str, planned: int, *, baseline: bool = False) -> dict[str, Any]:
        return {
            "article": article, "kind": kind, "revision": "", "title": article, "recorded": True,
            "baseline": baseline, **dict.fromkeys(report.COUNTED, 0), "planned": planned,
            "skipped": Counter({"paused by ada@example.org": 1}), "oldest_unknown": None,
        }  # fmt: skip

    rows = [
        row("old", "new", 0, baseline=True), row("in a course", "new", 2, baseline=True),
        row("a", "digest", 3), row("new", "new", 5), row("b", "digest", 4),
    ]  # fmt: skip
    found = admin._articles(rows)
    assert [(one["kind"], one["planned"]) for one in found] == [
        ("digest", 7),
        ("new", 5),
        ("new", 2),
    ]
    assert [one["skipped"] for one in found] == [2, 1, 1]
    assert "ada" not in str(found)


def test_states_are_counted_where_they_are(people: People) -> None:
    for name in ("ada", "bob"):
        people.join(f"{name}@example.org")
    people.series.send("newest")
    with people.desk.database.transaction() as connection:
        ids = connection.execute(schema.delivery.select()).all()
        deliveries.move(connection, [ids[0].id], State.ACCEPTED, State.BOUNCED, "")
    [article] = [one for one in numbers(people)["articles"] if one["planned"]]
    assert (article["accepted"], article["bounced"]) == (2, 1)
    page = opened(people).get("/admin", headers=BEARER)
    assert page.text.count("<rect") == 2 + len(admin.PARTS)
