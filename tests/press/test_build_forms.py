"""A build, told in each form: what it did, what stopped it, and the same when nothing changed."""

import json
from typing import Any

import pytest

from press.reports import BUILDS
from tests.conftest import Publication


def told(publication: Publication, form: str, status: int = 0) -> str:
    run = publication.run("build", "--format", form)
    assert run.returncode == status, run.stderr
    return run.stdout


def document(publication: Publication, status: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told(publication, "json", status))
    return found


@pytest.fixture
def sound(publication: Publication) -> Publication:
    publication.article("000-a", "```python\nprint(1)\n```\n")
    return publication


def test_json_tells_what_a_build_did(sound: Publication) -> None:
    found = document(sound)
    files = found.pop("files")
    assert found == {
        "version": 1,
        "articles": 1,
        "counts": {"proven": 1, "failed": 0, "skipped": 0, "not proven here": 0},
        "problems": [],
    }
    assert (files["unchanged"], files["removed"]) == (0, 0)
    assert files["written"] > 10


@pytest.mark.parametrize("form", BUILDS)
def test_a_second_build_says_that_nothing_is_written(sound: Publication, form: str) -> None:
    first = told(sound, form)
    second, third = told(sound, form), told(sound, form)
    assert second == third
    if form == "json":
        written = json.loads(first)["files"]["written"]
        assert json.loads(second)["files"] == {"written": 0, "unchanged": written, "removed": 0}
    if form in ("text", "github"):
        assert "(0 files written, " in second


def test_one_form_does_not_answer_for_another(sound: Publication) -> None:
    assert told(sound, "text").startswith("built site/")
    assert document(sound)["articles"] == 1
    assert told(sound, "github").startswith("built site/")


def test_problems_are_told_in_the_form_and_nothing_is_written(sound: Publication) -> None:
    sound.article("001-b", "[x](none.md)\n")
    sound.article("002-c", "# Title\n")
    assert [one["code"] for one in document(sound, 1)["problems"]] == ["broken-link", "bad-section"]
    assert told(sound, "github", 1).count("::error file=content/") == 2
    assert not (sound.root / "site").exists()


def test_what_is_no_publication_is_told_in_the_form_as_well(publication: Publication) -> None:
    (publication.root / "series.toml").unlink()
    assert document(publication, 1)["problems"][0]["code"] == "unreadable"


def test_why_is_told_as_text_only(sound: Publication) -> None:
    run = sound.run("build", "--explain", "--format", "json")
    assert (run.returncode, run.stdout) == (2, "")
