"""What the author has set, where it is kept, and the verb that says all of it."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from newsletter import doctor, doctor_ledger
from newsletter.dns import Names
from newsletter.web import stamps
from press import root
from press.findings import Finding, Health
from tests.conftest import REPOSITORY
from tests.newsletter.conftest import Told
from tests.newsletter.doctor.conftest import Patient

OK, WRONG, SKIPPED = Health.OK, Health.WRONG, Health.SKIPPED


def test_what_is_the_authors_own_is_well(patient: Patient) -> None:
    for check in ("series.toml", "postal-address", "keys", "provider"):
        assert patient.healths(check) == [OK], check


@pytest.mark.parametrize(
    ("key", "value"),
    [("from", "A <news@example.org>"), ("reply-to", "me@sub.example.com"),
     ("app-url", "https://news.example.net"), ("from", "a@series.example"),
     ("reply-to", "a@b.invalid")],
)  # fmt: skip
def test_names_of_examples_are_nobodys(patient: Patient, key: str, value: str) -> None:
    patient.settings[key] = value
    assert f"`{key}` is at " in patient.findings("series.toml")[0].said
    assert patient.healths("series.toml") == [WRONG]


@pytest.mark.parametrize("address", ["1 Example Street, Exampletown", "TODO", "xxx"])
def test_a_postal_address_that_is_a_placeholder(patient: Patient, address: str) -> None:
    patient.settings["postal-address"] = address
    assert patient.healths("postal-address") == [WRONG]


def test_a_way_out_that_nobody_reaches(patient: Patient) -> None:
    assert "leads to this machine alone" in patient.one("app-url").said
    del patient.settings["app-url"]
    assert "there is no `unsubscribe-url`" in patient.one("app-url").said
    patient.settings["unsubscribe-url"] = "https://127.0.0.1:9/{token}"
    assert patient.healths("app-url") == [OK]
    assert patient.findings("keys") == []  # nothing signs


@pytest.mark.parametrize(
    ("keys", "health", "word"),
    [("", WRONG, "is not set"), (" , ", WRONG, "is not set"), ("shrt-key", WRONG, "shorter than"),
     (f"{'a' * 32},{'b' * 32}", OK, "has 2")],
)  # fmt: skip
def test_keys(
    patient: Patient, keys: str, health: Health, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(stamps.VARIABLE, keys)
    found = patient.one("keys")
    assert (found.health, word in found.said) == (health, True)
    assert not [key for key in keys.split(",") if len(key) > 3 and key in found.said]


@pytest.mark.parametrize("table", ["doctor", "serve"])
def test_a_key_that_is_none_in_a_table_of_ours(patient: Patient, table: str) -> None:
    patient.tables += f'[newsletter.{table}]\nselector = "x"\n'
    assert f"[newsletter.{table}] has no key `selector`" in patient.findings("series.toml")[1].said


def test_settings_that_can_not_be_read_stop_it(embedded: Told) -> None:
    toml = embedded.root / "series.toml"
    text = toml.read_text()
    toml.write_text(text.partition("[newsletter]")[0])
    [found] = doctor.examine(embedded.place, Names(None))
    assert "no table [newsletter]" in found.said
    toml.write_text(text.replace("reply-to", "replyto"))
    found, more = doctor.examine(embedded.place, Names(None))
    assert {found.health, more.health} == {WRONG}
    assert "series.toml:" in found.said + more.said


def test_the_ledger_may_send_and_the_journal_be_written(series: Told, url: str) -> None:
    place = replace(series.place, ledger=url or series.place.ledger)
    found = list(doctor_ledger.findings(place))
    assert [(one.check, one.health) for one in found] == [("ledger", OK), ("journal", OK)]
    assert not (series.root / "journals").exists()


def test_a_ledger_that_is_not_there_yet_is_not_made(tmp_path: Path, embedded: Told) -> None:
    place = replace(embedded.place, ledger=f"sqlite:///{tmp_path}/none/ledger.db")
    found = list(doctor_ledger.findings(place))
    assert [(one.check, one.health) for one in found] == [("ledger", SKIPPED), ("journal", OK)]
    assert not (tmp_path / "none").exists()


def test_a_copy_of_a_ledger_is_wrong(embedded: Told, tmp_path: Path) -> None:
    embedded.database.close()
    copy = tmp_path / "copy.db"
    copy.write_bytes((embedded.root / "var/ledger.db").read_bytes())
    [found] = doctor_ledger.findings(replace(embedded.place, ledger=f"sqlite:///{copy}"))
    assert (found.health, found.do) == (
        WRONG, "if it is the one to go on with: python build.py newsletter adopt",
    )  # fmt: skip


def test_a_journal_that_can_not_be_written(embedded: Told) -> None:
    blocked = embedded.root / "blocked"
    blocked.write_text("a file")
    place = replace(embedded.place, journals=blocked / "journals")
    found = [one for one in doctor_ledger.findings(place) if one.health is WRONG]
    assert found


def run(folder: Path, *args: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if name != "RESEND_API_KEY"}
    return subprocess.run(
        [sys.executable, str(REPOSITORY / "build.py"), "newsletter", "doctor", *args],
        cwd=folder, env={**kept, "PROOFPRESS_JOURNAL": str(folder / "j"), **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_the_verb_says_what_to_mend(patient: Patient) -> None:
    patient.settings["postal-address"] = "1 Example Street"
    folder = patient.case.place.root
    assert root.find(folder) == folder
    done = run(folder, "--dns", patient.zone.address, RESEND_API_KEY="secret-of-resend")
    assert (done.returncode, done.stderr) == (1, "")
    assert "wrong    postal-address  “1 Example Street” is a placeholder" in done.stdout
    assert "do: the law" in done.stdout
    assert done.stdout.splitlines()[-1].endswith(" skipped")
    assert "secret-of" not in done.stdout


def test_the_verb_ends_well_where_nothing_is_wrong(patient: Patient) -> None:
    patient.settings["provider"] = "outbox"
    del patient.settings["app-url"]
    done = run(patient.case.place.root, "--json")
    found = [Finding(**one) for one in json.loads(done.stdout)]
    assert done.returncode == 0
    assert {one.health for one in found} == {OK, SKIPPED}


def test_the_verb_refuses_an_address_that_is_none(patient: Patient) -> None:
    done = run(patient.case.place.root, "--dns", "resolver")
    assert done.returncode == 1
    assert "is not the address of a server" in done.stderr
    assert "Traceback" not in done.stderr
