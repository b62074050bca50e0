"""An entry of a feed that stays is taken from the document that has it, and is not made again."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from press import desk, feeds, layout
from press.config import Config
from press.model import Listed
from tests.conftest import SERIES, Publication


@given(
    entries=st.lists(st.binary(max_size=9), max_size=6),
    around=st.tuples(st.binary(), st.binary(max_size=2), st.binary()),
)
def test_each_entry_is_found_in_its_document(
    entries: Sequence[bytes],
    around: tuple[bytes, bytes, bytes],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    head, between, tail = around
    content = head + between.join(entries) + tail
    (path := tmp_path_factory.getbasetemp() / "document").write_bytes(content)
    named = {f"{number}": entry for number, entry in enumerate(entries)}
    told = layout.of(content, named.items())
    digest = sha256(content).hexdigest()
    assert layout.entries(path, digest, told, named.keys() | {"another"}) == named
    some = {"0"} & named.keys()
    assert layout.entries(path, digest, told, some).keys() == some


def test_an_entry_is_told_from_what_begins_as_it_does(tmp_path: Path) -> None:
    entry = b"<entry>" + b"the same " * layout.HEAD + b"</entry>"
    content = entry[:-1] + b" else" + entry
    (tmp_path / "document").write_bytes(content)
    told = layout.of(content, [("a", entry)])
    digest = sha256(content).hexdigest()
    assert layout.entries(tmp_path / "document", digest, told, {"a"}) == {"a": entry}


def test_a_document_that_is_not_as_it_was_has_none(tmp_path: Path) -> None:
    told = layout.of(b"<a><b>", [("a", b"<a>")])
    digest = sha256(b"<a><b>").hexdigest()
    assert layout.entries(tmp_path / "document", digest, told, {"a"}) == {}
    (tmp_path / "document").write_bytes(b"<c><b>")
    assert layout.entries(tmp_path / "document", digest, told, {"a"}) == {}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Format and article of each entry that is made."""
    found = []
    real = desk._entry_again

    def entry(name: str, config: Config, listed: Listed, html: str) -> bytes:
        found.append((name, listed.article.slug))
        return real(name, config, listed, html)

    monkeypatch.setattr(desk, "_entry_again", entry)
    return found


def test_only_what_has_changed_is_made_again(
    publication: Publication, made: list[tuple[str, str]]
) -> None:
    names = [one.NAME for one in feeds.formats()]
    for number, slug in enumerate("abc"):
        publication.article(f"{number:03}-{slug}", tags="[t]")
    publication.build()
    assert sorted(made) == sorted((name, slug) for name in names for slug in "abc")
    made.clear()
    publication.article("001-b", "Another text.\n", tags="[t]")
    publication.build()
    assert sorted(made) == sorted((name, "b") for name in names)
    made.clear()
    publication.write("series.toml", SERIES.replace("https://example.org", "https://example.com"))
    publication.build()
    assert sorted(made) == sorted((name, slug) for name in names for slug in "abc")
    assert "example.org/" not in (publication.root / "site/feed.xml").read_text()
