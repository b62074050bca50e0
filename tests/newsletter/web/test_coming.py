"""Coming in: asking, the mail, the link, the button; and all who ask and must not be told more."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from newsletter import arriving, leaving
from newsletter.arriving import Limits
from newsletter.store import evidence, notes, subscribers
from newsletter.web import app
from tests.newsletter.web.conftest import APP, TEXT, People, link, text_of


def fates(people: People) -> Counter[str]:
    return Counter(row["state"] for row in people.rows()["ask"])


def test_two_clicks_make_a_subscriber(people: People) -> None:
    asked = people.ask("Ada@example.org", form="on-ownership", wording="1")
    assert asked.status_code == 200
    mail = people.letter()
    assert mail["To"] == "Ada@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    shown = people.get(link(mail, "confirm"))
    assert shown.status_code == 200
    assert people.standing("ada@example.org") == "nobody"
    people.clock.later(hours=1)
    assert people.post(link(mail, "confirm")).status_code == 200
    assert people.standing("ada@example.org") == "confirmed"
    welcome = people.letter()
    assert f"{APP}/unsubscribe/" in welcome["List-Unsubscribe"]
    people.series.send("newest")
    assert ("Ada", "On second") in people.series.told()


def test_consent_is_kept_with_all_that_proves_it(people: People) -> None:
    people.post(
        "/subscribe",
        {"email": "ada@example.org", "form": "on-ownership", "wording": "7"},
        environ_base={"REMOTE_ADDR": "192.0.2.77"},
    )
    mail = people.letter()
    people.clock.later(hours=1)
    people.post(link(mail, "confirm"), environ_base={"REMOTE_ADDR": "2001:db8:1:2::3"})
    [consent] = people.rows()["consent"]
    assert {key: consent[key] for key in consent if key not in ("id", "subscriber_id")} == {
        "standing": "confirmed", "how": "confirmed by mail", "form": "on-ownership",
        "wording": "7", "asked_at": "2026-03-01T12:00:00+00:00", "asked_from": "192.0.2.0/24",
        "at": "2026-03-01T13:00:00+00:00", "confirmed_from": "2001:db8:1::/48",
    }  # fmt: skip


def test_a_link_works_once_and_for_a_week(people: People) -> None:
    people.ask("ada@example.org")
    first = link(people.letter(), "confirm")
    assert people.post(first).status_code == 200
    people.post(f"/unsubscribe/{people.rows()['subscriber'][0]['token']}")
    before = people.rows()
    assert people.post(first).status_code == 410
    assert people.get(first).status_code == 410
    assert people.rows() == before
    people.ask("bob@example.org")
    late = next(link(one, "confirm") for one in people.letters() if one["To"] == "bob@example.org")
    people.clock.later(days=7)
    before = people.rows()
    assert people.post(late).status_code == 410
    assert people.rows() == before


def test_who_comes_again_by_a_link_is_still_a_subscriber(people: People) -> None:
    """Twice on the button, or back to the mail later: nothing changes, and nothing is wrong."""
    people.ask("ada@example.org")
    first = link(people.letter(), "confirm")
    answer = people.post(first)
    people.letters()
    people.clock.later(days=6)
    before = people.rows()
    for again in (people.post(first), people.get(first)):
        assert (again.status_code, again.data) == (200, answer.data)
    assert people.rows() == before
    people.clock.later(days=1)
    assert people.get(first).status_code == 410


def test_a_secret_is_not_in_the_ledger(people: People) -> None:
    people.ask("ada@example.org")
    secret = link(people.letter(), "confirm").rpartition("/")[2]
    assert secret not in repr(people.rows())
    assert people.rows()["link"]


ODD = [
    "", "nobody", "a@b@c.org", "ä@example.org", "a" * 5000 + "@example.org",
    "a@example.org\r\nBcc: b@c.org", "a\0@example.org", "a@example.org,b@example.org",
    "<script>@example.org",
]  # fmt: skip


def test_all_get_the_same_answer(people: People) -> None:
    """Who is a subscriber, has left, is blocked, is new or is nobody: the page does not tell."""
    people.join("ada@example.org")
    people.series.subscribe("bob", "cy")
    people.series.unsubscribe("cy")
    pages = {
        re.sub(r"\d", "", people.ask(email).text)
        for email in ("ada@example.org", "bob@example.org", "cy@example.org", "new@x.org", *ODD)
    }
    assert len(pages) == 1
    assert {people.ask(one, website="spam").status_code for one in ODD} == {200}
    odd = [*ODD, "\ud800@example.org", 7, None, ["a@example.org"], {"a": "b"}]
    answers = {
        people.client.post("/subscribe", base_url=APP, json={"email": one}).text for one in odd
    }
    assert answers == {'{"status": "check your mail"}\n'}


def test_what_is_no_address_is_mailed_to_nobody(people: People) -> None:
    for one in ODD:
        people.ask(one)
    assert people.letters() == []
    assert set(fates(people)) == {"malformed"}
    assert {row["email"] for row in people.rows()["ask"]} == {""}


def test_an_international_domain_is_written_to_in_ascii(people: People) -> None:
    people.ask("ada@bücher.example")
    assert people.letter()["To"] == "ada@xn--bcher-kva.example"


def test_no_text_of_a_stranger_is_mailed(people: People) -> None:
    spam = "buy-now.example"
    fields = dict.fromkeys(["form", "wording", "name", "subject"], spam)
    people.post("/subscribe", {"email": "ada@example.org", **fields}, headers={"User-Agent": spam})
    assert spam not in people.letter().as_string()


def test_who_is_a_subscriber_is_told_so_by_mail_alone(people: People) -> None:
    people.join("ada@example.org")
    people.clock.later(days=2)
    people.ask("ada@example.org")
    mail = people.letter()
    assert "confirm" not in text_of(mail).split("\n\n")[0].lower()
    assert not re.search(rf"{APP}/confirm/", text_of(mail))
    assert fates(people)["known"] == 1


def test_an_address_gets_one_mail_a_day_and_three_ever(people: People) -> None:
    got = []
    for _day in range(6):
        for _ in range(3):
            people.ask("ada@example.org")
        got.append(len(people.letters()))
        people.clock.later(days=1, seconds=1)
    assert got == [1, 1, 1, 0, 0, 0]
    assert fates(people) == {"confirm": 3, "limited": 15}


def test_who_confirms_may_be_asked_again_after_leaving(people: People) -> None:
    for _ in range(5):
        people.join("ada@example.org")
        token = people.rows()["subscriber"][0]["token"]
        people.post(f"/unsubscribe/{token}")
        assert people.standing("ada@example.org") == "unsubscribed"
        people.clock.later(days=1, seconds=1)


def test_a_network_causes_only_so_many_mails_in_an_hour(people: People) -> None:
    people.limits = Limits(of_a_network=3, in_all=100)
    for number in range(5):
        people.ask(f"a{number}@example.org")
    people.post("/subscribe", {"email": "b@example.org"},
                environ_base={"REMOTE_ADDR": "198.51.100.1"})  # fmt: skip
    assert len(people.letters()) == 4
    assert fates(people) == {"confirm": 4, "crowded": 2}
    people.clock.later(hours=1, seconds=1)
    people.ask("a9@example.org")
    assert len(people.letters()) == 1


def test_in_all_only_so_many_go_out_in_an_hour_and_the_others_wait(people: People) -> None:
    people.limits = Limits(of_a_network=100, in_all=3)
    for number in range(5):
        people.ask(f"a{number}@example.org")
    assert len(people.letters()) == 3
    assert fates(people) == {"confirm": 3, "new": 2}
    people.clock.later(hours=1, seconds=1)
    assert len(people.letters()) == 2


def test_who_waits_is_mailed_no_faster_for_it(people: People) -> None:
    """What is beyond a limit may have been asked for long before it is decided."""
    people.limits = Limits(of_a_network=100, in_all=3)
    for number in range(8):
        people.ask(f"a{number}@example.org")
    got = []
    for _hour in range(4):
        got.append(len(people.letters()))
        people.clock.later(hours=1, seconds=1)
    assert got == [3, 3, 2, 0]


def test_a_day_and_an_hour_begin_when_an_ask_is_decided(people: People) -> None:
    people.limits = Limits(in_all=0)
    for email in ("ada@example.org", "bob@example.org"):
        people.ask(email)
    assert people.letters() == []
    people.clock.later(hours=30)
    people.limits = Limits(of_a_network=2)
    assert len(people.letters()) == 2
    people.ask("ada@example.org")
    people.ask("cy@example.org")
    assert people.letters() == []
    assert fates(people) == {"confirm": 2, "limited": 1, "crowded": 1}


@pytest.mark.parametrize("fields", [{"website": "https://x.example"}, {"website": " "}])
def test_a_robot_falls_into_the_trap(people: People, fields: dict[str, str]) -> None:
    people.ask("ada@example.org", **fields)
    assert people.letters() == []
    assert fates(people) == {"robot": 1}
    assert people.rows()["ask"][0]["email"] == ""


def test_nobody_fills_in_our_form_at_once(people: People) -> None:
    shown = re.search(r'name="shown" value="([^"]+)"', people.get("/subscribe").text)
    assert shown
    stamp = {"shown": shown[1]}
    people.clock.at = datetime.now(UTC)  # a stamp has the time that it is
    people.ask("quick@example.org", **stamp)
    people.clock.later(seconds=5)
    people.ask("ada@example.org", **stamp)
    people.ask("forged@example.org", shown=stamp["shown"][:-2] + "xx")
    assert fates(people) == {"robot": 1, "new": 2}


def closed(people: People, email: str, reason: str) -> None:
    with people.desk.database.transaction() as connection:
        subscribers.remove(connection, email, reason, "2026-01-01T00:00:00+00:00")


@pytest.mark.parametrize("reason", ["bounced", "complained", "rejected", "removed by the author"])
def test_who_is_blocked_gets_no_mail(people: People, reason: str) -> None:
    closed(people, "ada@example.org", reason)
    people.ask("ada@example.org")
    assert people.letters() == []
    assert fates(people) == {"blocked": 1}


def test_who_is_blocked_after_asking_does_not_come_in(people: People) -> None:
    people.ask("ada@example.org")
    confirm = link(people.letter(), "confirm")
    closed(people, "ada@example.org", "complained")
    assert people.post(confirm).status_code == 409
    assert people.standing("ada@example.org") == "nobody"


def test_who_comes_back_is_not_told_again(people: People) -> None:
    people.join("ada@example.org")
    people.series.send("newest")
    people.post(f"/unsubscribe/{people.rows()['subscriber'][0]['token']}")
    people.clock.later(days=2)
    people.join("ada@example.org")
    assert people.standing("ada@example.org") == "confirmed"
    assert people.rows()["suppression"] == []
    people.series.send()
    assert people.series.told().count(("ada", "On second")) == 1


def test_who_was_erased_may_come_back_and_is_not_told_again(people: People) -> None:
    people.join("ada@example.org")
    people.series.send("newest")
    session = people.enter("ada@example.org")
    assert people.act(session, "erase", sure="yes").status_code == 200
    assert people.standing("ada@example.org") == "nobody"
    people.clock.later(days=2)
    people.join("ada@example.org")
    assert people.standing("ada@example.org") == "confirmed"
    people.series.send()
    assert people.series.told().count(("ada", "On second")) == 1


def test_a_mail_that_may_have_gone_out_is_not_sent_again(people: People) -> None:
    people.ask("ada@example.org")
    desk = people.desk
    desk.writer.do(partial(arriving.decide, limits=Limits(), now=desk.now()))
    with desk.database.transaction() as connection:
        assert len(notes.claim(connection, 5, desk.now())) == 1  # and then its sender dies
    people.clock.later(hours=1)
    assert people.letters() == []
    [note] = people.rows()["note"]
    assert note["state"] == "unknown"


def test_a_client_is_answered_with_json(people: People) -> None:
    made = people.client.post(
        "/subscribe", base_url=APP, json={"email": "ada@example.org"}, headers=TEXT
    )
    assert made.json == {"status": "check your mail"}
    confirm = link(people.letter(), "confirm").removeprefix(APP)
    assert people.client.get(confirm, base_url=APP, headers=TEXT).json == {"status": "confirm"}
    made = people.client.post(confirm, base_url=APP, json={})
    assert made.json == {"status": "confirmed"}


@pytest.mark.parametrize("body", [b"[" * 9000, b"[1]", b"{", b'"\xff"'])
def test_json_that_is_no_object_says_nothing(people: People, body: bytes) -> None:
    made = people.post("/subscribe", body, content_type="application/json", headers=TEXT)
    nothing = people.post("/subscribe", b"{}", content_type="application/json", headers=TEXT)
    assert (made.status_code, made.json) == (nothing.status_code, nothing.json)
    assert people.letters() == []


def test_the_journal_knows_who_came(people: People) -> None:
    people.join("ada@example.org")
    text = people.desk.journal.path.read_text()
    assert '"came":["sha256:' in text
    assert "ada@" not in text


def test_who_confirms_twice_is_no_news_to_the_journal(people: People) -> None:
    """It would know more than the ledger, and nothing could be sent."""
    people.ask("ada@example.org")
    first = link(people.letter(), "confirm")
    people.clock.later(days=1, seconds=1)
    people.ask("ada@example.org")
    second = link(people.letter(), "confirm")
    assert people.post(first).status_code == 200
    people.clock.later(minutes=1)
    assert people.post(second).status_code == 200
    people.letters()
    assert people.desk.journal.path.read_text().count('"came"') == 1
    assert people.series.send("newest") == 1


def test_who_has_joined_stays_though_the_journal_fails(
    people: People, caplog: pytest.LogCaptureFixture
) -> None:
    people.ask("ada@example.org")
    confirm = link(people.letter(), "confirm")
    people.desk.journal.path.parent.mkdir(exist_ok=True)
    (people.series.root / "gone").mkdir()
    broken = replace(people.desk.journal, path=people.series.root / "gone")
    flask = app.make(replace(people.desk, journal=broken))
    answer = flask.test_client().post(confirm.removeprefix(APP), base_url=APP)
    assert answer.status_code == 200
    assert people.standing("ada@example.org") == "confirmed"
    assert "journal" in caplog.text


def told_of_note(people: People, kind: str) -> None:
    """Its provider tells what became of the newest mail to one person."""
    names = re.findall(r"<(note[^.>]+)", " ".join(m["Message-ID"] for m in people.series.mails()))
    event = evidence.Event("outbox", kind, names[-1], f"{kind} {names[-1]}")
    leaving.record(people.desk.database, people.desk.journal, [event], people.desk.now())


@pytest.mark.parametrize(("kind", "fate"), [("bounced", "blocked"), ("delivered", "confirm")])
def test_an_address_whose_mail_came_back_is_asked_no_more(
    people: People, kind: str, fate: str
) -> None:
    people.ask("ada@example.org")
    people.letter()
    told_of_note(people, kind)
    people.clock.later(days=2)
    people.ask("ada@example.org")
    people.letters()
    assert people.rows()["ask"][-1]["state"] == fate


def test_a_note_of_which_nobody_knew_is_known_when_its_provider_tells(people: People) -> None:
    people.ask("ada@example.org")
    people.letter()
    with people.desk.database.transaction() as connection:
        notes.record(connection, 1, notes.Progress.UNKNOWN)
    told_of_note(people, "delivered")
    assert people.rows()["note"][0]["state"] == "accepted"


def test_nobody_can_make_up_what_a_note_is_called(people: People) -> None:
    people.ask("ada@example.org")
    people.letter()
    for name in ("note1", "note1-0000000000000000", "note٣-0000000000000000"):
        event = evidence.Event("outbox", "bounced", name, f"bounced {name}")
        leaving.record(people.desk.database, people.desk.journal, [event], people.desk.now())
    assert people.rows()["suppression"] == []
