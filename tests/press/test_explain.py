"""`build.py explain`: what a code means, said where it is asked."""

import re

import pytest

from press import meanings
from press.problems import Code
from tests.conftest import Publication


def test_it_explains_a_code(publication: Publication) -> None:
    run = publication.run("explain", "broken-link")
    assert (run.returncode, run.stderr) == (0, "")
    said = meanings.plain(meanings.of(Code.BROKEN_LINK).markdown)
    assert run.stdout == f"broken-link\n\n{said}"
    assert "\n    See [the next part](002-lifetimes.md).\n" in run.stdout
    assert run.stdout.endswith("\n- Links (docs/writing.md#links)\n")


def test_without_a_code_it_lists_them_all_in_a_line_each(publication: Publication) -> None:
    run = publication.run("explain")
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert [line.split()[0] for line in lines] == sorted(Code)
    assert all(re.fullmatch(r"[a-z-]+ {2,}\S.*\.", line) for line in lines)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("broken-lnk", "did you mean `broken-link`?"),
        ("../problems", "`explain` without a code lists them all"),
    ],
)
def test_a_code_that_is_none_is_a_problem(publication: Publication, code: str, hint: str) -> None:
    run = publication.run("explain", code)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(f"explain: bad-input: there is no code `{code}`\n")
    assert f"help: {hint}\n" in run.stderr


def test_it_can_be_had_in_colours(publication: Publication) -> None:
    run = publication.run("explain", "broken-link", FORCE_COLOR="1")
    assert run.stdout.startswith("\x1b[1;31mbroken-link\x1b[0m\n\n")
    assert "\x1b[1;36mMended\x1b[0m\n" in run.stdout
    plain = publication.run("explain", "broken-link").stdout
    assert re.sub(r"\x1b\[[0-9;]*m", "", run.stdout) == plain


def test_it_needs_no_publication(publication: Publication) -> None:
    (publication.root / "series.toml").unlink()
    assert publication.run("explain", "duplicate").returncode == 0
