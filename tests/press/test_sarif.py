"""The log for code scanning: valid by the standard's own schema, and all in it is there."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker
from msgspec.structs import replace

from press import pipeline, reports
from press.model import Verdict
from press.pipeline import Checked
from press.problems import Code, Problem
from tests.conftest import NOW, REPOSITORY, Publication

SCHEMA = (
    REPOSITORY / "tests/tools/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
)


@pytest.fixture(scope="module")
def validator() -> Draft4Validator:
    if not SCHEMA.exists():
        pytest.skip("jest-sarif is not installed: npm ci --prefix tests/tools")
    return Draft4Validator(json.loads(SCHEMA.read_text()), format_checker=FormatChecker())


def run_of(checked: Checked) -> dict[str, Any]:
    report = reports.render("sarif", checked)
    assert report.errors == ""
    assert report.output.isascii()
    document = json.loads(report.output)
    assert (document["version"], len(document["runs"])) == ("2.1.0", 1)
    run: dict[str, Any] = document["runs"][0]
    return run


def of(*problems: Problem) -> Checked:
    return Checked(1, (), problems, None)


@pytest.fixture
def checked(publication: Publication) -> Checked:
    publication.article("000-ö b", "日本 [x](none.md)\n\n# Title\n", slug="ob")
    publication.article("001-b", '```python skip="no"\nprint(1)\n```\n\n```python\nprint(2)\n```\n')
    return pipeline.check(publication.root, NOW)


def test_a_log_is_valid(validator: Draft4Validator, checked: Checked) -> None:
    everything = [
        Problem("content/a.md", 3, 2, code, "what\nis wrong", "do this", "a line") for code in Code
    ]
    for one in (checked, of(), of(*everything), of(Problem("send", 0, 0, Code.REFUSED, "no"))):
        document = json.loads(reports.render("sarif", one).output)
        assert [error.message for error in validator.iter_errors(document)] == []


def test_a_result_has_its_place_in_code_points(checked: Checked) -> None:
    run = run_of(checked)
    assert run["columnKind"] == "unicodeCodePoints"
    link = next(one for one in run["results"] if one["ruleId"] == "broken-link")
    place = link["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {
        "uri": "content/000-%C3%B6%20b.md",
        "uriBaseId": "%SRCROOT%",
    }
    assert place["region"] == {
        "startLine": 8,
        "startColumn": 8,
        "snippet": {"text": "none.md)"},
    }
    assert link["level"] == "error"
    assert link["message"]["text"].startswith("there is no `none.md` to link to")


def test_every_rule_that_was_broken_has_its_help_and_no_other(checked: Checked) -> None:
    run = run_of(checked)
    rules = run["tool"]["driver"]["rules"]
    assert [one["id"] for one in rules] == ["bad-section", "broken-link"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    for rule in rules:
        assert "Wrong\n" in rule["help"]["text"]
        assert "](../" not in rule["help"]["markdown"]


def test_what_was_not_proven_is_a_note_and_what_would_pass_is_said(checked: Checked) -> None:
    passing, proven = checked.proofs
    absent = replace(proven, verdict=Verdict.NOT_PROVEN, reason="there is none here", status=None)
    run = run_of(replace(checked, proofs=(passing, absent), problems=()))
    [note] = run["results"]
    assert (note["ruleId"], note["level"]) == ("example-not-proven", "note")
    assert note["message"]["text"] == "there is none here"
    [invocation] = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 0)
    [said] = [one["message"]["text"] for one in invocation["toolExecutionNotifications"]
              if "would pass" in one["message"]["text"]]  # fmt: skip
    assert said.startswith("content/001-b.md:7:1: ")


def test_what_is_wrong_with_no_file_is_so_with_the_publication() -> None:
    run = run_of(of(Problem("PROOFPRESS_LEDGER", 0, 0, Code.BAD_LEDGER, "it is none")))
    [location] = run["results"][0]["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "series.toml", "uriBaseId": "%SRCROOT%"}
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "PROOFPRESS_LEDGER"}]
    assert run["invocations"][0]["exitCode"] == 1


def test_a_name_in_another_encoding_is_escaped_wherever_it_is_told() -> None:
    problem = Problem("content/\udcff.md", 1, 0, Code.DUPLICATE, "`\udcff.md` has it too", "", "😀")
    [result] = run_of(of(problem))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "content/%FF.md"
    assert place["region"]["snippet"]["text"] == "😀"
    assert result["message"]["text"] == "`\\udcff.md` has it too"


def fingerprints(*problems: Problem) -> list[str]:
    return [one["partialFingerprints"]["proofpress/v1"] for one in run_of(of(*problems))["results"]]


def test_a_fingerprint_stays_when_a_line_moves_and_differs_for_each() -> None:
    one = Problem("content/a.md", 3, 2, Code.BROKEN_LINK, "no", "", "a line")
    assert fingerprints(one) == fingerprints(replace(one, line=30, column=4))
    several = fingerprints(
        one, replace(one, line=4), replace(one, path="content/b.md"), replace(one, excerpt="other")
    )
    assert len(set(several)) == 4


def test_it_is_printed_by_both_verbs(publication: Publication, tmp_path: Path) -> None:
    publication.article("000-a", "[x](none.md)\n")
    told = [publication.run(verb, "--format", "sarif") for verb in ("check", "build")]
    assert [run.returncode for run in told] == [1, 1]
    assert [run.stderr for run in told] == ["", ""]
    check, build = [json.loads(run.stdout)["runs"][0]["results"] for run in told]
    assert check == build
    assert len(check) == 1
    assert not (tmp_path / "site").exists()
