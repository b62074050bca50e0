"""What documents show of examples is so: their articles are proven, the guide's tables the code's.

Each block of Markdown in a fence of four backquotes is the body of an article; front matter that it
begins with is added to what an article needs. So is each fence of Python or Rust. A comment before
a block says what is to come of it: `fails`, or `parsed` for one that is not run. A `text` fence
right after a block is what `check` says of it.
"""

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import yaml
from markdown_it.token import Token

from press import checking, comparing, config, isolation, report, running, series, setting
from press.infostring import COMMON_OPTIONS
from press.languages import languages, rust
from press.model import Verdict
from press.progress import Advance
from tests.conftest import REPOSITORY, Publication
from tests.structure.test_docs import DOCUMENTS, tables, tokens, words

DOCUMENT = "docs/examples.md"
ARTICLE = "content/001-an-article.md"
FRONT = {"title": "An article", "date": datetime(2026, 1, 1).date(), "description": "About it."}
MARKS = {"", "fails", "parsed"}


@dataclass(frozen=True)
class Block:
    """Part of an article that the guide shows."""

    document: str
    line: int
    mark: str
    text: str
    said: str | None
    """What `check` says of it; None where the guide does not tell."""

    @property
    def article(self) -> str:
        """The whole article; its first example is at line 7 if the block has no front matter."""
        own = re.match(r"---\n(.*?)\n---\n\n", self.text, re.DOTALL)
        front = yaml.safe_dump(
            {**FRONT, **(yaml.safe_load(own[1]) if own else {})}, sort_keys=False
        )
        return f"---\n{front}---\n\n{self.text[own.end() if own else 0 :]}"

    @property
    def needs_rustc(self) -> bool:
        return "```rust" in self.text


def blocks(document: str) -> list[Block]:
    parsed = tokens(document)
    found = []
    for index, token in enumerate(parsed):
        if token.type == "fence" and (text := _body(token)):
            before, after = parsed[index - 1], parsed[index + 1 : index + 2]
            comment = re.fullmatch(r"<!-- (\w+) -->\n*", before.content)
            shown = next((one.content for one in after if one.info == "text"), None)
            line = token.map[0] + 1 if token.map else 0
            mark = comment[1] if comment else ""
            found.append(Block(document, line, mark, text, shown))
    return found


def _body(token: Token) -> str:
    """What a fence of a document is as the body of an article; empty for none."""
    if token.markup == "````" and token.info == "markdown":
        return token.content if "```" in token.content else ""
    if token.info.partition(" ")[0] in {one.name for one in languages()}:
        return f"```{token.info}\n{token.content}```\n"
    return ""


MADE = "docs/reference/"
"""From the code: tests of the press prove what it shows."""
BLOCKS = [block for name in DOCUMENTS if not name.startswith(MADE) for block in blocks(name)]


def quiet(_what: str) -> Advance:
    return lambda _done, _count: None


def test_marks_are_those_that_are_known() -> None:
    assert {block.mark for block in BLOCKS} == MARKS
    assert all(block.said for block in BLOCKS if block.mark == "fails")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.document}:{block.line}")
def test_the_articles_of_documents_are_proven(
    block: Block, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    if block.needs_rustc and not shutil.which("rustc"):
        pytest.skip("rustc is not installed")
    monkeypatch.setenv("PROOFPRESS_CACHE", str(publication.root / ".cache"))
    publication.write(ARTICLE, block.article)
    if block.mark == "parsed":
        articles, _, problems = series.read(publication.root, config.load(publication.root))
        assert not problems
        assert articles[0].examples
        return
    now = datetime(2026, 6, 1, tzinfo=UTC)
    checked = checking.check(publication.root, now, checking.Wanted(), quiet)
    said = [*report.not_proven(checked.proofs), *map(str, checked.problems)]
    assert bool(checked.problems) == (block.mark == "fails"), said
    assert Verdict.NOT_PROVEN not in [proof.verdict for proof in checked.proofs]
    if block.said is None:
        assert not said
    else:
        assert comparing.agree(block.said, "\n".join(said)), "\n".join(said)


def test_every_language_is_listed_with_its_other_names() -> None:
    rows = table("language")
    assert {(words(row[0])[0], frozenset(words(row[1]))) for row in rows} == {
        (one.name, one.aliases) for one in languages()
    }


def table(heading: str) -> list[list[str]]:
    """The table whose first column has this heading."""
    parsed = tokens(DOCUMENT)
    starts = [index for index, token in enumerate(parsed) if token.type == "table_open"]
    names = [next(t.content for t in parsed[at:] if t.type == "inline") for at in starts]
    return tables(DOCUMENT)[names.index(heading)]


def test_every_option_is_listed_for_its_languages_and_no_other() -> None:
    listed: dict[str, set[str]] = {}
    for option, whose, meaning in table("option"):
        assert meaning
        for word in words(option):
            for name in whose.split(", "):
                listed.setdefault(name, set()).add(word.partition("=")[0])
    assert listed.pop("every fence") == set(COMMON_OPTIONS)
    for one in languages():
        others = listed[one.name] - set(one.options)
        assert listed.pop(one.name) >= set(one.options)
        assert all(re.fullmatch(one.option_pattern, name) for name in others), others
        alternatives = one.option_pattern.split("|") if one.option_pattern != r"(?!)" else []
        assert all(any(re.fullmatch(part, name) for name in others) for part in alternatives)
    assert not listed


def test_every_key_of_front_matter_for_examples_is_listed() -> None:
    listed = {(words(row[1])[0], word) for row in table("key") for word in words(row[0])}
    assert listed == {
        *(("python", name) for name in setting.PYTHON),
        *(("rust", name) for name in setting.RUST),
    }


def test_every_level_is_listed_the_best_first() -> None:
    assert [words(row[0])[0] for row in table("level")] == list(isolation.Level)


def test_limits_are_as_said() -> None:
    text = (REPOSITORY / DOCUMENT).read_text()
    for said in (
        f"Its limits: {running.TIMEOUT:g} seconds, or `timeout`;",
        f"{running.MEMORY_LIMIT >> 30} GiB of memory for each process;",
        f"{running.OUTPUT_LIMIT:,} bytes of output;",
        f"{running.FILE_LIMIT:,} bytes for a file;",
        f"{isolation.SPACE:,} bytes for all its files;",
        f"Compiling may take {rust.COMPILE_TIMEOUT:g} seconds",
        f"for {running.PROBE_SECONDS:g} seconds",
    ):
        assert said in text
