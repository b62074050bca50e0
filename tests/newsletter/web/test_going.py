"""Leaving: by the page, and by the one click of RFC 8058."""

from typing import Any

import pytest

from tests.newsletter.web.conftest import APP, TEXT, People

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def way_out(people: People, email: str = "ada@example.org") -> str:
    [found] = [one for one in people.rows()["subscriber"] if one["email"] == email]
    return f"/unsubscribe/{found['token']}"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_is_enough(people: People, kind: str) -> None:
    people.join("ada@example.org")
    answer = people.post(way_out(people), ONE_CLICK, content_type=kind)
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert people.standing("ada@example.org") == "unsubscribed"
    assert people.rows()["consent"][-1]["how"] == "left by one click"
    assert '"names":["sha256:' in people.desk.journal.path.read_text()


def test_the_page_has_a_button_and_opening_it_changes_nothing(people: People) -> None:
    people.join("ada@example.org")
    before = people.rows()
    page = people.get(way_out(people))
    assert page.status_code == 200
    assert '<form method="post">' in page.text
    assert people.rows() == before
    assert people.post(way_out(people)).status_code == 200
    assert people.rows()["consent"][-1]["how"] == "left on the page"


def test_who_has_left_is_told_no_more_and_may_leave_again(people: People) -> None:
    people.join("ada@example.org")
    people.series.subscribe("bob")
    out = way_out(people)
    for _ in range(2):
        assert people.post(out, ONE_CLICK).status_code == 200
    people.series.send("newest")
    assert [who for who, _ in people.series.told() if _ == "On second"] == ["bob"]


@pytest.mark.parametrize("token", ["proofpress-check", "x", "a" * 500, "%00", "..", "é"])
def test_a_link_of_nobody_lets_nobody_go(people: People, token: str) -> None:
    people.join("ada@example.org")
    before = people.rows()
    assert people.get(f"/unsubscribe/{token}").status_code == 200
    answer = people.post(f"/unsubscribe/{token}", ONE_CLICK)
    assert answer.status_code == 404
    assert "author@example.org" in answer.text
    assert people.rows() == before


def test_any_origin_may_send_one_click(people: People) -> None:
    """A mail program in a browser has an origin of its own."""
    people.join("ada@example.org")
    answer = people.post(way_out(people), ONE_CLICK, headers={"Origin": "https://mail.example"})
    assert answer.status_code == 200


def test_a_client_is_answered_with_json(people: People) -> None:
    people.join("ada@example.org")
    out = way_out(people)
    client: Any = people.client
    assert client.get(out, base_url=APP, headers=TEXT).json == {"status": "leave"}
    assert client.post(out, base_url=APP, headers=TEXT).json == {"status": "left"}
