"""A preview shows what is known, and what is not as being proven, until that has run elsewhere."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from press import cache, pending, prove, rebuilding
from tests.conftest import Publication
from tests.press.previewing import Client, previewed

GOOD = "```python\nprint(1)\n```\n\n```output\n1\n```\n"
BAD = "```python\nprint(1)\n```\n\n```output\n2\n```\n"
FAILS = "```python\n1 / 0\n```\n"
MARK = "Being proven"
DONE = "Ran with Python"


@dataclass
class Held:
    """Stands before what runs examples: nothing runs until it is let."""

    runs: list[list[str]] = field(default_factory=list)
    """The code of the examples of each run, without those that are known."""
    let: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    made, real = Held(), prove.prove

    def wait(examples: Any, workshop: Any, **more: Any) -> Any:
        known = {one.example.where for one in prove.known(examples, workshop)}
        made.runs.append([one.fence.code for one in examples if one.where not in known])
        assert made.let.wait(60)
        return real(examples, workshop, **more)

    monkeypatch.setattr(prove, "prove", wait)
    yield made
    made.let.set()


@pytest.fixture
def client(publication: Publication, held: Held) -> Iterator[Client]:
    publication.article("000-a", GOOD)
    with previewed(publication.root) as made:
        yield made
        held.let.set()


def test_a_page_comes_first_and_its_proof_later(client: Client, held: Held) -> None:
    page = client.text("/series/a.html")
    assert MARK in page
    assert "1 example being proven" in page
    assert DONE not in page
    assert '<a href="/series/a.html">a.html</a>: 1' in client.text("/__/")
    held.let.set()
    page = client.until_it_says("/series/a.html", DONE)
    assert MARK not in page
    assert "being proven" not in page


def test_what_is_saved_meanwhile_does_not_wait(
    client: Client, held: Held, publication: Publication
) -> None:
    publication.article("000-a", f"Other words.\n\n{GOOD}")
    assert MARK in client.until_it_says("/series/a.html", "Other words.")
    held.let.set()
    client.until_it_says("/series/a.html", DONE)


def test_one_that_fails_is_told_over_the_page_that_has_it(
    client: Client, held: Held, publication: Publication
) -> None:
    publication.article("000-a", f"Other words.\n\n{BAD}")
    client.until_it_says("/series/a.html", "Other words.")
    client.until(lambda: len(client.said) > 1)  # it is built, and not only ahead of the build
    held.let.set()
    page = client.until_it_says("/series/a.html", "example-output-differs")
    assert "Other words." in page  # of the last build without a problem
    runs = len(held.runs)
    publication.article("001-b", "More.\n")
    publication.article("000-a", f"Other words.\n\n{GOOD}")
    client.until_it_says("/series/b.html", "More.")
    assert "problem" not in client.until_it_says("/series/a.html", DONE)
    assert all(GOOD.split("\n")[1] in run[0] for run in held.runs[runs:] if run)


def test_it_runs_while_another_article_has_a_problem(
    client: Client, held: Held, publication: Publication
) -> None:
    held.let.set()
    client.until_it_says("/series/a.html", DONE)
    publication.article("001-b", "[nowhere](gone.md)\n")
    client.until_it_says("/series/a.html", "gone.md")
    publication.article("000-a", f"Other words.\n\n{GOOD.replace('1', '3')}")
    client.until_it_says("/series/a.html", "Other words.")
    page = client.until_it_says("/series/a.html", DONE)
    assert "Other words." in page
    assert "gone.md" in page
    client.until(lambda: "being proven" not in client.text("/series/a.html"))
    publication.article("000-a", f"Other words.\n\n{FAILS}")
    page = client.until_it_says("/series/a.html", "example-failed")
    assert DONE in page  # of the last good build


def test_what_has_failed_is_not_run_again_until_its_article_changes(
    publication: Publication, held: Held
) -> None:
    held.let.set()
    publication.article("000-a", FAILS)
    builder = rebuilding.OnDisk(publication.root)
    assert not builder.build(datetime.now(UTC), index=False).problems
    assert builder.prove()
    assert not builder.prove()
    publication.article("001-b", "Words.\n")
    result = builder.build(datetime.now(UTC), index=False)
    assert [one.code for one in result.problems] == ["example-failed"]
    assert not builder.prove()
    publication.article("000-a", f"{FAILS}\nMore.\n")
    assert not builder.build(datetime.now(UTC), index=False).problems
    assert builder.prove()


def test_what_an_earlier_run_has_kept_is_known_at_once(publication: Publication) -> None:
    publication.article("000-a", GOOD)
    publication.build()
    builder = rebuilding.OnDisk(publication.root)
    result = builder.build(datetime.now(UTC), index=False)
    assert not result.waiting
    assert result.files
    assert DONE.encode() in result.files["a.html"]
    assert not builder.prove()


def test_what_was_written_last_runs_first(
    publication: Publication, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    held.let.set()
    monkeypatch.setattr(pending, "PORTION", 1)
    for name in ("000-a", "001-b", "002-c"):
        publication.article(name, GOOD.replace("print(1)", f"print(1)  # {name}"))
    builder = rebuilding.OnDisk(publication.root)
    builder.build(datetime.now(UTC), index=False)
    builder.prove()
    publication.article("002-c", GOOD.replace("print(1)", "print(1)  # new"))
    builder.build(datetime.now(UTC), index=False)
    while builder.prove():
        pass
    assert held.runs[:3] == [
        ["print(1)  # 000-a\n"],
        ["print(1)  # new\n"],
        ["print(1)  # 001-b\n"],
    ]
    assert not any(held.runs[3:])


def test_what_runs_already_does_not_wait_to_be_run(publication: Publication, held: Held) -> None:
    publication.article("000-a", GOOD)
    builder = rebuilding.OnDisk(publication.root)
    builder.build(datetime.now(UTC), index=False)
    running = threading.Thread(target=builder.prove)
    running.start()
    while not held.runs:
        running.join(0.001)
    assert builder.build(datetime.now(UTC), index=False).waiting == {"a.html": 1}
    held.let.set()
    running.join()
    assert not builder.prove()
    assert not builder.build(datetime.now(UTC), index=False).waiting


def test_proofs_of_others_are_kept(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "OLDER", 0)
    for name in ("000-a", "001-b", "002-c", "003-d", "004-e", "005-f"):
        publication.article(name, GOOD.replace("print(1)", f"print(1)  # {name}"))
    builder = rebuilding.OnDisk(publication.root)
    builder.build(datetime.now(UTC), index=False)
    while builder.prove():
        pass
    publication.article("000-a", GOOD)
    builder.build(datetime.now(UTC), index=False)
    kept = publication.root / ".cache/proofs"
    before = kept.read_text()
    while builder.prove():
        pass
    assert kept.read_text() != before
    again = rebuilding.OnDisk(publication.root)
    assert not again.build(datetime.now(UTC), index=False).waiting
