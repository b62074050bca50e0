"""What readers reach, tried from outside in; and what the clock is compared with."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import pytest
from msgspec.structs import replace
from werkzeug.serving import make_server

from newsletter import doctor, doctor_web
from newsletter.web import app, serving
from press.findings import Health
from tests.newsletter import ledgers
from tests.newsletter.doctor.conftest import LEAVE, NOW, Patient
from tests.newsletter.emulator.stages import free_port

OK, WRONG, SKIPPED = Health.OK, Health.WRONG, Health.SKIPPED


def test_the_newest_page_is_there_as_it_was_built(patient: Patient) -> None:
    assert patient.one("site").health is OK
    assert "second.html" in patient.one("site").said
    patient.world.put("GET", "/second.html", body=b"another")
    assert "not the one that was built" in patient.one("site").said
    patient.world.put("GET", "/second.html", 301, Location="/elsewhere")
    assert patient.healths("site") == [WRONG]


def test_a_site_that_is_not_built_or_whose_mail_stays_here_is_not_asked(patient: Patient) -> None:
    case = patient.case
    case.manifest = None
    assert [one.health for one in doctor_web.site(case)] == [SKIPPED]
    patient.settings["provider"] = "outbox"
    assert patient.healths("site") == [SKIPPED]


def test_one_can_leave_by_a_page_and_by_one_click(patient: Patient) -> None:
    assert (patient.one("unsubscribe").health, patient.one("one-click").health) == (OK, OK)
    post = next(one for one in patient.world.asked if one.method == "POST")
    assert (post.path, post.body) == (LEAVE, b"List-Unsubscribe=One-Click")
    assert not {"cookie", "origin", "referer"} & post.headers.keys()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [(302, b"", "status 302"), (404, b"", "status 404"), (200, b"<p>Hello</p>", "no form")],
)
def test_a_page_on_which_one_can_not_leave(
    patient: Patient, status: int, body: bytes, said: str
) -> None:
    patient.world.put("GET", LEAVE, status, body)
    assert said in patient.one("unsubscribe").said
    assert patient.healths("unsubscribe") == [WRONG]


@pytest.mark.parametrize(
    ("status", "said"),
    [(302, "is sent elsewhere"), (308, "is sent elsewhere"), (403, "status 403"),
     (200, "status 200"), (500, "status 500")],
)  # fmt: skip
def test_one_click_that_would_not_work(patient: Patient, status: int, said: str) -> None:
    patient.world.put("POST", LEAVE, status)
    assert said in patient.one("one-click").said
    assert patient.healths("one-click") == [WRONG]


def test_another_way_out_than_ours_may_say_yes_to_anybody(patient: Patient) -> None:
    patient.world.put("POST", LEAVE, 200)
    case = patient.case
    letter = replace(case.newsletter, app_url="")
    case.newsletter = letter
    assert [one.health for one in doctor_web.way_out(case)] == [OK, OK]
    case.newsletter = replace(letter, unsubscribe_url="")
    assert [one.health for one in doctor_web.way_out(case)] == [SKIPPED]


def test_where_nothing_answers(patient: Patient) -> None:
    patient.settings["app-url"] = f"http://127.0.0.1:{free_port()}"
    assert patient.healths("unsubscribe") == [WRONG]
    assert patient.healths("one-click") == [WRONG]


@pytest.mark.parametrize(
    ("seconds", "health", "word"),
    [(0, OK, "that of"), (59, OK, "that of"), (-59, OK, "that of"), (61, WRONG, "61 seconds ahead"),
     (-7200, WRONG, "7,200 seconds behind")],
)  # fmt: skip
def test_the_clock_is_compared(patient: Patient, seconds: int, health: Health, word: str) -> None:
    case = patient.case
    case.clock = lambda: NOW + timedelta(seconds=seconds)
    [found] = [one for one in doctor.of(case) if one.check == "clock"]
    assert (found.health, word in found.said) == (health, True)


def test_a_time_that_nobody_can_read_is_passed_over(patient: Patient) -> None:
    case = patient.case
    case.hear("somebody", "yesterday")
    case.hear("somebody", "")
    case.hear("somebody", "Mon, 01 Jun 2026 12:00:00")  # without a zone
    assert [one.health for one in doctor_web.clock(case)] == [SKIPPED]


@contextmanager
def app_of(patient: Patient) -> Iterator[None]:
    """The app itself, at the address that series.toml names."""
    port = free_port()
    patient.settings["app-url"] = f"http://127.0.0.1:{port}"
    assert patient.case
    desk = serving.desk(patient.series.place, patient.series.database)
    server = make_server("127.0.0.1", port, app.make(desk))
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_our_app_is_well_and_nothing_in_its_ledger_changes(patient: Patient) -> None:
    patient.series.subscribe("ada")
    with app_of(patient):
        before = ledgers.everything(patient.series.database)
        assert (patient.one("unsubscribe").health, patient.one("one-click").health) == (OK, OK)
        assert ledgers.everything(patient.series.database) == before
