"""Each code is explained, and its example is a real one: it gives the code, and mended it does not.

All examples that are files are then put into one publication, whose one check has to tell of all.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from press import meanings
from press.problems import Code
from tests.conftest import NEWSLETTER, REPOSITORY, SERIES, Publication

FRONT = "---\ntitle: An article\ndate: 2026-01-01\ndescription: About it.\n---\n\n"
CHECK = ["python build.py check"]


@dataclass(frozen=True)
class Shown:
    """What a section of an explanation has: files, and what is typed."""

    files: dict[str, str]
    commands: list[str]

    def lay_out(self, publication: Publication) -> None:
        publication.article("000-first", "```python\nprint(1)\n```\n")
        for path, text in self.files.items():
            whole = text if text.startswith("---") or not path.endswith(".md") else FRONT + text
            publication.write(path, _series(text) if path == "series.toml" else whole)

    def run(self, publication: Publication) -> "subprocess.CompletedProcess[str]":
        """Type all; what the last command printed. Those before it have to end well."""
        # As if the file had been there, with what every article has.
        for path in re.findall(r">> (\S+)", "\n".join(self.commands)):
            publication.write(path, FRONT)
        *before, last = [self._typed(publication.root, line) for line in self.commands]
        assert not [done.stderr for done in before if done.returncode]
        return last

    @staticmethod
    def _typed(root: Path, line: str) -> "subprocess.CompletedProcess[str]":
        ours = f"{sys.executable} {REPOSITORY / 'build.py'}"
        return subprocess.run(
            ["sh", "-c", line.replace("python build.py", ours)],
            cwd=root, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip


def _series(lines: str) -> str:
    """A whole series.toml that has these lines."""
    name = lines.partition(" ")[0]
    return lines + re.sub(rf"(?m)^{name} = .*\n", "", SERIES + NEWSLETTER)


def sections(code: Code) -> dict[str, Shown]:
    found: dict[str, Shown] = {}
    name = ""
    for token in MarkdownIt("commonmark").parse(meanings.of(code).markdown):
        if token.type == "inline" and token.content in ("Wrong", "Mended"):
            name = token.content
            found[name] = Shown({}, [])
        elif token.type == "fence":
            kind, _, path = token.info.partition(" ")
            if kind == "console":
                found[name].commands.extend(re.findall(r"^\$ (.*)$", token.content, re.MULTILINE))
            else:
                found[name].files[path] = token.content
    return found


def codes(output: str) -> set[str]:
    return set(re.findall(r"^[^\n]*?: ([a-z-]+): ", output, re.MULTILINE))


def test_every_code_is_explained_and_nothing_else_is() -> None:
    assert sorted(path.stem for path in meanings.FOLDER.glob("*.md")) == sorted(Code)


@pytest.mark.parametrize("code", Code)
def test_an_explanation_has_its_parts_and_fits_a_terminal(code: Code) -> None:
    meaning = meanings.of(code)
    assert (meanings.FOLDER / f"{code}.md").read_text().startswith(f"# {code}\n\n")
    assert re.fullmatch(r"[^\n]{20,54}\.", meaning.summary)
    assert list(sections(code)) == ["Wrong", "Mended"]
    shown = meanings.plain(meaning.markdown)
    assert max(map(len, shown.splitlines())) <= 80
    assert "](." not in shown


@pytest.mark.parametrize("code", Code)
def test_what_is_wrong_gives_the_code(publication: Publication, code: Code) -> None:
    shown = sections(code)["Wrong"]
    shown.lay_out(publication)
    if not shown.commands:
        assert {one.code for one in publication.problems()} == {code}
        return
    done = shown.run(publication)
    assert done.returncode == (5 if code is Code.NOT_LIVE else 1), done.stdout
    assert codes(done.stderr) == {code}, done.stderr


@pytest.mark.parametrize("code", Code)
def test_what_is_mended_has_no_problem(publication: Publication, code: Code) -> None:
    shown = sections(code)["Mended"]
    shown.lay_out(publication)
    if not shown.commands:
        assert publication.problems() == []
        return
    done = shown.run(publication)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("apart", [Code.BAD_CONFIG, Code.BAD_WORDS])
def test_one_run_tells_of_all_that_is_wrong(publication: Publication, apart: Code) -> None:
    """Of a series.toml that is not TOML no language can be read, and so no catalogue."""
    expected = set()
    for number, (code, shown) in enumerate(_with_files_alone(apart), 1):
        expected.add(code)
        for path, text in shown.files.items():
            renumbered = path.replace("content/001-", f"content/{number:03}-{code}-")
            Shown({renumbered: text}, []).lay_out(publication)
    article = publication.root / "content"
    (article / "990-copy.md").write_text(FRONT)
    (article / "990-again.md").write_text(FRONT)
    publication.write("content/991-bytes.md", FRONT.encode() + b"caf\xe9")
    publication.write("content/992-control.md", FRONT + "\f")
    found = {one.code for one in publication.problems()}
    assert found == expected | {Code.DUPLICATE, Code.UNREADABLE, Code.BAD_CHARACTER}


def _with_files_alone(apart: Code) -> Iterator[tuple[Code, Shown]]:
    """Those that stand beside each other: no commands, and no numbers that are twice there."""
    for code in Code:
        shown = sections(code)["Wrong"]
        if not shown.commands and code not in (Code.DUPLICATE, apart):
            yield code, shown
