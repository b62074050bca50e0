"""What the README and the documentation say is so: their commands, their links, their tables.

In a `console` fence each line `$ command` is run, in a copy of the repository, one for each
document. It has to end with status 0, or with N where the line ends in `# exit status N`. The
lines after it are what it prints: a line `...` stands for any lines, `[..]` for anything within
a line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from newsletter import providers, webhooks
from newsletter.connecting import module
from press import deploy
from press.keys import NEWSLETTER_TABLES
from tests.conftest import REPOSITORY
from tests.structure.conftest import Checkout, tracked

DOCUMENTS = [name for name in tracked() if re.fullmatch(r"(docs/.*|[A-Z]+)\.md", name)]

TUTORIAL = "docs/tutorial.md"
"""What one command begins another goes on with: it has a test of its own."""

# They would run these tests again, without end.
NOT_RUN = {"make test", ".ci/run"}
# Of the folders whose files a text names in backquotes.
FILE = re.compile(r"(?:press|newsletter|tests|bench|docs|templates|\.ci)/[A-Za-z0-9_./-]*")


@dataclass(frozen=True)
class Command:
    """A command that a document shows, with what it prints."""

    line: str
    shown: str

    @property
    def status(self) -> int:
        said = re.search(r"# exit status (\d+)$", self.line)
        return int(said[1]) if said else 0


def read(document: str) -> str:
    return (REPOSITORY / document).read_text()


def tokens(document: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(read(document))


def commands(document: str) -> list[Command]:
    return [one for token in tokens(document) for one in commands_of(token, document)]


def commands_of(token: Token, document: str) -> list[Command]:
    if token.type != "fence" or token.info != "console":
        return []
    before, *parts = re.split(r"^\$ ", token.content, flags=re.MULTILINE)
    assert not before, f"{document}: output without a command: {before}"
    pairs = (part.split("\n", 1) for part in parts)
    return [Command(line.strip(), shown) for line, shown in pairs]


def matches(shown: str, printed: str) -> bool:
    lines = []
    for line in shown.splitlines():
        within = ".*".join(re.escape(part) for part in line.rstrip().split("[..]"))
        lines.append(r"(?:[^\n]*\n)*?" if line.strip() == "..." else within + r"[ \t]*\n")
    return re.fullmatch("".join(lines), printed) is not None


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\n", "a\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n", "ab\n", False),
        ("", "a\n", False),
        ("a.c\n", "abc\n", False),
        ("a [..] c\n", "a b c\n", True),
        ("a [..] c\n", "a b\n c\n", False),
        ("...\n", "", True),
        ("...\nc\n", "a\nb\nc\n", True),
        ("...\nc\n", "a\nb\n", False),
        ("a\n...\nc\n", "a\nc\n", True),
    ],
)
def test_shown_output_is_compared(shown: str, printed: str, same: bool) -> None:
    assert matches(shown, printed) is same


@pytest.mark.parametrize(
    "document", [name for name in DOCUMENTS if commands(name) and name != TUTORIAL]
)
def test_commands_print_what_is_shown(document: str, checkout: Checkout) -> None:
    for command in commands(document):
        if command.line not in NOT_RUN:
            printed = checkout.run(command.line, command.status)
            assert matches(command.shown, printed), (
                f"{document}: $ {command.line}\n--- shown\n{command.shown}\n--- printed\n{printed}"
            )


def test_the_readme_begins_with_the_two_commands() -> None:
    assert [command.line for command in commands("README.md")][:2] == ["make", "make test"]


def links(document: str) -> Iterator[str]:
    for token in tokens(document):
        for child in token.children or []:
            address = child.attrs.get("href") or child.attrs.get("src")
            if address:
                yield str(address)


def anchors(path: Path) -> set[str]:
    """The ids that a forge gives to a document's headings."""
    found = set()
    parsed = MarkdownIt("commonmark").parse(path.read_text())
    for token, inline in pairwise(parsed):
        if token.type == "heading_open":
            found.add(re.sub(r"[^\w\- ]", "", inline.content.lower()).replace(" ", "-"))
    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    for address in links(document):
        if re.match(r"https?://", address):
            continue
        path, _, anchor = address.partition("#")
        target = (REPOSITORY / document).parent / path if path else REPOSITORY / document
        assert target.exists(), f"{document} links to {address}"
        assert not anchor or anchor in anchors(target), f"{document} links to {address}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_are_named_exist(document: str) -> None:
    for token in tokens(document):
        for child in token.children or []:
            if child.type == "code_inline" and FILE.fullmatch(child.content):
                assert (REPOSITORY / child.content).exists(), f"{document}: {child.content}"


def test_every_document_can_be_found_from_the_readme() -> None:
    seen: set[str] = set()
    waiting = ["README.md"]
    while waiting:
        document = waiting.pop()
        seen.add(document)
        for address in links(document):
            target = ((REPOSITORY / document).parent / address.partition("#")[0]).resolve()
            if target.suffix == ".md" and target.is_relative_to(REPOSITORY):
                name = target.relative_to(REPOSITORY).as_posix()
                waiting += [name] if name not in seen and name in DOCUMENTS else []
    assert seen >= set(DOCUMENTS)


def tables(document: str) -> list[list[list[str]]]:
    """The body of each table: rows of cells, as they are written."""
    found: list[list[list[str]]] = []
    parsed = tokens(document)
    for index, token in enumerate(parsed):
        if token.type == "tbody_open":
            found.append([])
        elif token.type == "tr_open" and found:
            found[-1].append([])
        elif token.type == "td_open":
            found[-1][-1].append(parsed[index + 1].content)
    return [[row for row in table if row] for table in found]


def words(cell: str) -> list[str]:
    """What a cell has in backquotes."""
    return re.findall(r"`([^`]*)`", cell)


def test_settings_lists_every_provider_with_its_keys_and_secrets() -> None:
    table = {words(row[0])[0]: row for row in tables("docs/settings.md")[0]}
    assert list(table) == sorted(providers.names())
    for name, row in table.items():
        file = module(name)
        assert set(getattr(file, "OPTIONS", ())) <= set(words(row[1])), name
        assert set(getattr(file, "SECRETS", ())) == set(words(row[2])), name


def test_the_press_knows_the_tables_of_the_newsletter() -> None:
    assert sorted(NEWSLETTER_TABLES) == sorted([*providers.names(), "doctor", "serve"])


def test_settings_lists_every_target_with_its_keys_and_secrets() -> None:
    table = {words(row[0])[0]: row for row in tables("docs/settings.md")[1]}
    assert list(table) == deploy.names()
    for name, row in table.items():
        file = deploy.target(name)
        assert words(re.sub(r"\(.*?\)", "", row[1])) == [field.name for field in file.FIELDS], name
        assert words(row[2]) == list(file.SECRETS), name


def test_webhooks_lists_every_webhook_with_its_variable() -> None:
    proofs, places, _ = tables("docs/webhooks.md")
    variables = {words(row[0])[0]: words(row[2]) for row in proofs}
    files = {name: import_module(f"newsletter.webhooks.{name}") for name in webhooks.names()}
    assert variables == {name: [file.VARIABLE] for name, file in files.items()}
    assert [words(row[0])[0] for row in places] == list(variables) == sorted(variables)


def test_glossary_has_each_word_once() -> None:
    [table] = tables("docs/GLOSSARY.md")
    listed = [row[0] for row in table]
    assert len(listed) == len(set(listed))
    assert all(row[1] for row in table)
