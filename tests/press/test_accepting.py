"""Accepting outputs: `check --update` writes what was observed where it is shown, and no more."""

import os
import re
import shlex
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from press import accepting, pipeline, prove
from press.model import Proof
from press.problems import Code, Problem
from tests.conftest import NOW, Publication

FRONT = '---\ntitle: "A"\ndate: 2020-01-01\ndescription: "About it."\n---\n\n'
NAME = "content/000-a.md"


def article(publication: Publication, body: str) -> Path:
    """An article whose body begins in line 7."""
    return publication.write(NAME, FRONT + body)


def body_of(publication: Publication) -> str:
    content = (publication.root / NAME).read_bytes().decode()
    assert content.startswith(FRONT)
    return content.removeprefix(FRONT)


def fence(code: str, shown: str = "old\n") -> str:
    return f"```python\n{code}\n```\n\n```output\n{shown}```\n"


ACCEPTED = {
    "plain": (fence("print(1)"), fence("print(1)", "1\n")),
    "text around it": (
        "  before\t\n" + fence("print(1)") + "after  \n",
        "  before\t\n" + fence("print(1)", "1\n") + "after  \n",
    ),
    "more lines": (
        fence("print(*'abc', sep='\\n')"),
        fence("print(*'abc', sep='\\n')", "a\nb\nc\n"),
    ),
    "nothing shown": (fence("print(1)", ""), fence("print(1)", "1\n")),
    "nothing printed": (fence("pass"), fence("pass", "")),
    "only empty lines printed": (fence("print('\\n')"), fence("print('\\n')", "")),
    "an empty line first": (fence("print('\\n  a')"), fence("print('\\n  a')", "\n  a\n")),
    "space at ends": (
        fence("print('a  \\n\\nb \\n\\n')"),
        fence("print('a  \\n\\nb \\n\\n')", "a\n\nb\n"),
    ),
    "no line break at the end": (
        fence("print(1, end='')").removesuffix("\n"),
        fence("print(1, end='')", "1\n").removesuffix("\n"),
    ),
    "in a list": (
        "- one\n\n  ```python\n  print('a\\n\\n b')\n  ```\n\n  ```output\n  old\n  ```\n\n- two\n",
        "- one\n\n  ```python\n  print('a\\n\\n b')\n  ```\n\n  ```output\n  a\n\n   b\n  ```\n\n- two\n",  # noqa: E501
    ),
    "at the marker of a list": (
        "1. ```python\n   print(1)\n   ```\n   ```output\n   ```\n2. two\n",
        "1. ```python\n   print(1)\n   ```\n   ```output\n   1\n   ```\n2. two\n",
    ),
    "in a quote": (
        "> ```python\n> print('a\\n\\nb')\n> ```\n>\n> ```output\n> old\n> ```\nafter\n",
        "> ```python\n> print('a\\n\\nb')\n> ```\n>\n> ```output\n> a\n>\n> b\n> ```\nafter\n",
    ),
    "in a list in a quote": (
        "> - ```python\n>   print(1)\n>   ```\n>   ```output\n>   ```\n",
        "> - ```python\n>   print(1)\n>   ```\n>   ```output\n>   1\n>   ```\n",
    ),
    "two at once": (
        fence("print('1\\n2')") + fence("print(3)", "3\n") + fence("print(4)"),
        fence("print('1\\n2')", "1\n2\n") + fence("print(3)", "3\n") + fence("print(4)", "4\n"),
    ),
    "marks of a fence": (
        fence("print('```\\nx\\n  ````')"),
        "```python\nprint('```\\nx\\n  ````')\n```\n\n`````output\n```\nx\n  ````\n`````\n",
    ),
    "marks that close nothing": (
        fence("print('```python\\n~~~~')"), fence("print('```python\\n~~~~')", "```python\n~~~~\n"),
    ),
    "other marks": (
        "```python\nprint('~~~')\n```\n~~~ output\nold\n~~~~~\n",
        "```python\nprint('~~~')\n```\n~~~~ output\n~~~\n~~~~~~\n",
    ),
    "with words": (
        '```python\nprint(1)\n```\n```output title="What it prints"\n```\n',
        '```python\nprint(1)\n```\n```output title="What it prints"\n1\n```\n',
    ),
    "beyond ASCII": (fence("print('ü😀')", "ö\n"), fence("print('ü😀')", "ü😀\n")),
    "what is almost a wildcard": (
        fence("print('[. .]\\n....\\n ...\\n... x')"),
        fence("print('[. .]\\n....\\n ...\\n... x')", "[. .]\n....\n ...\n... x\n"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
def test_it_writes_the_lines_of_the_output_and_nothing_else(
    publication: Publication, name: str
) -> None:
    before, after = ACCEPTED[name]
    article(publication, before)
    assert accept(publication) == []
    assert body_of(publication) == after
    assert publication.problems() == []


def accept(publication: Publication) -> list[Problem]:
    """Accept what differs; what is refused."""
    refused: list[Problem] = []
    workshop = pipeline.workshop_of(publication.root)
    checked = pipeline.check(publication.root, NOW)
    list(accepting.accept(publication.root, checked.proofs, workshop, refused))
    return refused


@pytest.mark.parametrize("name", ["in a list", "in a quote", "more lines", "marks of a fence"])
def test_it_keeps_to_the_line_breaks_of_the_file(publication: Publication, name: str) -> None:
    before, after = (text.replace("\n", "\r\n") for text in ACCEPTED[name])
    publication.write(NAME, FRONT.replace("\n", "\r\n") + before)
    assert accept(publication) == []
    written = (publication.root / NAME).read_bytes().decode()
    assert written == FRONT.replace("\n", "\r\n") + after


def test_each_fence_keeps_its_own_line_breaks_where_they_are_mixed(
    publication: Publication,
) -> None:
    dos = fence("print(1)").replace("\n", "\r\n")
    article(publication, "text\r\n" + fence("print(2)") + dos + "\n\r\nend")
    assert accept(publication) == []
    made = fence("print(1)", "1\n").replace("\n", "\r\n")
    assert body_of(publication) == "text\r\n" + fence("print(2)", "2\n") + made + "\n\r\nend"


def test_it_keeps_a_byte_order_mark(publication: Publication) -> None:
    publication.write(NAME, "\ufeff" + FRONT + fence("print(1)"))
    assert accept(publication) == []
    written = (publication.root / NAME).read_bytes().decode()
    assert written == "\ufeff" + FRONT + fence("print(1)", "1\n")


def test_it_keeps_the_mode_of_the_file_and_leaves_nothing_beside_it(
    publication: Publication,
) -> None:
    path = article(publication, fence("print(1)"))
    path.chmod(0o640)
    assert accept(publication) == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_an_article_that_is_a_link_stays_one(publication: Publication) -> None:
    other = publication.write("elsewhere/text.md", FRONT + fence("print(1)"))
    (publication.root / NAME).symlink_to(other)
    assert accept(publication) == []
    assert (publication.root / NAME).is_symlink()
    assert other.read_text() == FRONT + fence("print(1)", "1\n")


def test_a_write_that_fails_leaves_the_article_and_says_so(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    path = article(publication, fence("print(1)"))
    monkeypatch.setattr(os, "fsync", full)
    [problem] = accept(publication)
    assert problem.message == "can't write this: No space left on device"
    assert body_of(publication) == fence("print(1)")
    assert [one.name for one in path.parent.iterdir()] == [path.name]


REFUSED = {
    "no two runs alike": (
        fence("import os\nprint('a', os.urandom(9).hex())"),
        "its output is not the same in two runs",
    ),
    "wildcards": (fence("print(1)", "a [..]\n"), "what is shown has wildcards"),
    "wildcard lines": (fence("print(1)", "a\n...\n"), "what is shown has wildcards"),
    "what would be a wildcard": (fence("print('a [..]')"), "its output has `[..]`"),
    "what would be a wildcard line": (fence("print('a\\n...')"), "or a line of `...`"),
    "control characters": (fence("print('\\x1b[1mbold')"), "has the control character U+001B"),
    "a lone carriage return": (fence("print('50%\\r100%')"), "has the control character U+000D"),
    "a tab that is no tab where it would stand": (
        "- one\n\n  ```python\n  print('\\ta')\n  ```\n\n  ```output\n  old\n  ```\n",
        "its output can't be shown in a fence that stands here",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses(publication: Publication, name: str) -> None:
    before, reason = REFUSED[name]
    article(publication, before)
    [problem] = accept(publication)
    assert reason in problem.message
    assert (problem.code, problem.path) == (Code.EXAMPLE_OUTPUT_DIFFERS, NAME)
    assert problem.line
    assert problem.hint
    assert body_of(publication) == before


def test_it_shows_how_two_runs_differ(publication: Publication) -> None:
    article(publication, fence("import os\nprint('same')\nprint(os.urandom(9).hex())"))
    [problem] = accept(publication)
    assert "--- first run" in problem.message
    assert "+++ second run" in problem.message
    assert re.search(r"\n same\n-[0-9a-f]{18}\n\+[0-9a-f]{18}", problem.message)


def test_it_refuses_when_only_what_looks_like_a_wildcard_is_the_same(
    publication: Publication,
) -> None:
    article(publication, fence("print('[..]')"))
    [proof] = pipeline.check(publication.root, NOW).proofs
    other = replace(proof, output="something\n")
    problem = accepting._unfit(change_of(proof), (proof, proof, other))
    assert problem
    assert "not the same in two runs" in problem.message


def test_it_refuses_what_fails_when_it_runs_again(publication: Publication) -> None:
    article(publication, fence("print(1)"))
    [proof] = pipeline.check(publication.root, NOW).proofs
    failed = replace(proof, reason="it raised ValueError", line=8)
    problem = accepting._unfit(change_of(proof), (proof, failed, failed))
    assert problem == prove.problems([failed])[0]


def change_of(proof: Proof) -> accepting.Change:
    assert proof.example.expected
    return accepting.Change(proof.example.article, proof.example.expected, proof.output)


def test_it_never_writes_over_what_has_changed_meanwhile(publication: Publication) -> None:
    path = article(publication, fence("print(1)"))
    checked = pipeline.check(publication.root, NOW)
    article(publication, "A new line.\n\n" + fence("print(1)"))
    content = path.read_bytes()
    refused: list[Problem] = []
    workshop = pipeline.workshop_of(publication.root)
    assert list(accepting.accept(publication.root, checked.proofs, workshop, refused)) == []
    assert [one.message for one in refused] == ["the article has changed since"]
    assert path.read_bytes() == content


def test_the_command_that_a_failure_prints_accepts_it(publication: Publication) -> None:
    article(publication, "Text.\n\n" + fence("print(1)") + fence("print(2)"))
    run = publication.run("check")
    assert run.returncode == 1
    first, second = re.findall(r"accept it:  python .*build\.py (.+)", run.stderr)
    done = publication.run(*shlex.split(first))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{NAME}:13: accepted\n", "")
    assert body_of(publication) == "Text.\n\n" + fence("print(1)", "1\n") + fence("print(2)")
    assert publication.run(*shlex.split(second)).returncode == 0
    assert publication.run("check").returncode == 0


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (fence("print(1)", "a [..]\n"), "help: if the observed output is right, change by hand"),
        (fence("print('...')"), "help: print something else"),
    ],
)
def test_no_command_is_printed_that_would_be_refused(
    publication: Publication, body: str, hint: str
) -> None:
    article(publication, body)
    run = publication.run("check")
    assert run.returncode == 1
    assert "--update" not in run.stderr
    assert hint in run.stderr


def test_other_failures_are_told_and_the_rest_is_accepted(publication: Publication) -> None:
    article(publication, fence("print(1)") + fence("1 / 0", "2\n") + "\n[x](none.md)\n")
    run = publication.run("check", "--update")
    assert run.returncode == 1
    assert run.stdout == f"{NAME}:11: accepted\n"
    assert f"{NAME}:15:1: example-failed" in run.stderr
    assert f"{NAME}:22:5: broken-link" in run.stderr
    assert run.stderr.endswith("\n2 problems\n")  # "nothing was changed" would be wrong
    assert body_of(publication).startswith(fence("print(1)", "1\n") + fence("1 / 0", "2\n"))


def test_it_says_so_when_there_is_nothing_to_accept(publication: Publication) -> None:
    article(publication, fence("print(1)", "1\n"))
    run = publication.run("check", "--update")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == "there is nothing to accept: each output is as it is shown\n"


def test_it_accepts_only_what_is_asked_for(publication: Publication) -> None:
    article(publication, fence("print(1)") + fence("print(2)"))
    run = publication.run("check", "--update", f"{NAME}:16")
    assert (run.returncode, run.stderr) == (0, "")
    assert body_of(publication) == fence("print(1)") + fence("print(2)", "2\n")


def test_an_example_that_goes_on_from_another_is_accepted(publication: Publication) -> None:
    second = fence("print(a)").replace("```python", "```python continue")
    article(publication, "```python\na = 5\n```\n" + second)
    assert accept(publication) == []
    assert body_of(publication) == "```python\na = 5\n```\n" + second.replace("old", "5")


def test_wrong_usage_is_refused(publication: Publication) -> None:
    article(publication, fence("print(1)"))
    run = publication.run("check", "--update", "--format", "json")
    assert run.returncode == 2
    assert body_of(publication) == fence("print(1)")
