"""What every file of press/languages must offer."""

import re
from pathlib import Path

import pytest

from press.languages import Prover, languages, provers
from press.model import Example, Fence, Setting, Verdict, Workshop
from press.problems import SourceText

PROVERS = list(provers().values())


def examples(prover: Prover, count: int) -> list[Example]:
    name = prover.LANGUAGE.name
    text = SourceText("content/000-a.md", f"```{name}\n```\n" * count)
    return [Example(text, Fence(2 * n + 1, 1, 2 * n + 2, name, {}, "", "")) for n in range(count)]


def test_the_languages_that_issues_ask_for_are_there() -> None:
    assert {"python", "rust"} <= set(provers())


@pytest.mark.parametrize("prover", PROVERS, ids=provers())
def test_its_file_has_its_name(prover: Prover) -> None:
    assert prover.__name__.endswith(f".{prover.LANGUAGE.name}")  # type: ignore[attr-defined]


def test_no_two_share_a_name() -> None:
    names = [name for one in languages() for name in (one.name, *one.aliases)]
    assert len(names) == len(set(names))
    assert all(name == name.lower() and re.fullmatch(r"[^\s,{}=]+", name) for name in names)


@pytest.mark.parametrize("prover", PROVERS, ids=provers())
def test_it_explains_its_options(prover: Prover) -> None:
    assert all(prover.LANGUAGE.options.values())
    assert not re.fullmatch(prover.LANGUAGE.option_pattern, "no_such_option")


@pytest.mark.parametrize("prover", PROVERS, ids=provers())
@pytest.mark.parametrize("count", [0, 1, 5])
def test_it_answers_each_example_in_order(prover: Prover, count: int, tmp_path: Path) -> None:
    asked = examples(prover, count)
    proofs = sorted(prover.prove(asked, Workshop(tmp_path)), key=lambda p: p.example.fence.line)
    assert [proof.example for proof in proofs] == asked
    for proof in proofs:
        assert proof.verdict in Verdict
        assert proof.reason or proof.verdict is Verdict.PROVEN


@pytest.mark.parametrize("prover", PROVERS, ids=provers())
def test_it_says_with_what_it_proves(prover: Prover, tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    assert prover.version(Setting(), workshop) == prover.version(Setting(), workshop)
