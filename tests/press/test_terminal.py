"""Problems at a terminal: in colours only where they are wanted, in the same words without."""

import io
import re
import sys

import pytest

from press import terminal
from press.problems import Code, Part, Problem
from tests.conftest import REPOSITORY, TYPED, Publication
from tests.terminal import Ended, at_terminal

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
BROKEN = "See [this](none.md).\n"
PLAIN = f"""\
content/000-a.md:7:12: broken-link: there is no `none.md` to link to
    7 | See [this](none.md).
      |            ^

1 problem; nothing was changed
help: {TYPED} explain broken-link
"""


def run(publication: Publication, *args: str, **environment: str) -> Ended:
    command = [sys.executable, str(REPOSITORY / "build.py"), *args]
    return at_terminal(
        command, publication.root, {"PATH": "", "TERM": "xterm-256color", **environment}
    )


@pytest.mark.parametrize("verb", ["build", "check"])
def test_a_terminal_shows_colours_and_the_same_words(publication: Publication, verb: str) -> None:
    publication.article("000-a", BROKEN)
    ended = run(publication, verb)
    assert ended.status == 1
    assert "\x1b[1;31mbroken-link\x1b[0m" in ended.shown
    assert "\x1b[1mcontent/000-a.md:7:12\x1b[0m" in ended.shown
    assert "\x1b[1;31m^\x1b[0m" in ended.shown
    assert COLOUR.sub("", ended.shown) == PLAIN
    assert "\x1b" not in ended.output


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
    ],
)
def test_the_environment_decides_on_a_terminal(
    publication: Publication, environment: dict[str, str], coloured: bool
) -> None:
    publication.article("000-a", BROKEN)
    shown = run(publication, "check", **environment).shown
    assert ("\x1b" in shown) is coloured
    assert COLOUR.sub("", shown) == PLAIN


def test_a_pipe_gets_no_colours_and_no_advice(publication: Publication) -> None:
    publication.article("000-a", BROKEN)
    assert publication.run("check").stderr == PLAIN.rpartition("help:")[0]


@pytest.mark.parametrize(("value", "coloured"), [("1", True), ("true", True), ("0", False)])
def test_a_pipe_can_be_given_colours(publication: Publication, value: str, coloured: bool) -> None:
    publication.article("000-a", BROKEN)
    assert ("\x1b" in publication.run("build", FORCE_COLOR=value).stderr) is coloured
    assert ("\x1b" in publication.run("check", FORCE_COLOR=value).stderr) is coloured


def test_the_newsletter_tells_of_its_problems_in_the_same_way(publication: Publication) -> None:
    ended = run(publication, "newsletter", "subscribers", "add", "ada@")
    assert ended.status == 1
    assert "\x1b[1;31mbad-input\x1b[0m" in ended.shown
    assert COLOUR.sub("", ended.shown).endswith(f"help: {TYPED} explain bad-input\n")


def test_advice_names_a_code_only_if_there_is_one(publication: Publication) -> None:
    publication.article("000-a", BROKEN + "\n# Title\n")
    shown = COLOUR.sub("", run(publication, "check").shown)
    assert shown.endswith(f"\n2 problems; nothing was changed\nhelp: {TYPED} explain CODE\n")


def test_every_part_has_a_colour_and_every_other_stays_as_it_is() -> None:
    assert set(terminal.STYLES) == set(Part)
    assert COLOUR.sub("", terminal.painted(Part.HELP, "help:")) == "help:"


def test_what_is_no_terminal_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", *terminal.FORCING):
        monkeypatch.delenv(name, raising=False)
    assert not terminal.wants_colours(io.StringIO())


def caret(excerpt: str, column: int) -> list[str]:
    problem = Problem("a.md", 1, column, Code.BROKEN_LINK, "no", "", excerpt)
    return str(problem).splitlines()[1:]


@pytest.mark.parametrize(
    ("before", "blank"),
    [
        ("ab", "  "),
        ("\tb", "\t "),
        ("日本", "    "),  # two cells each
        ("e\u0301", " "),  # an accent of its own, over the letter
        ("\x1b", " "),
    ],
)
def test_the_caret_stands_below_its_column(before: str, blank: str) -> None:
    line, below = caret(f"{before}x", len(before) + 1)
    assert below == f"      | {blank}^"
    assert line.endswith("x")


def test_what_an_example_prints_moves_no_cursor() -> None:
    problem = Problem(
        "a\x1b[2J.md", 1, 1, Code.EXAMPLE_FAILED, "one\x07\ntwo\r\x9b1m\x7f", "\x1b]0;x", "a\x1bb"
    )
    told = str(problem)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", told)
    assert "␛[2J" in told
    assert "two␍\ufffd1m␡" in told
