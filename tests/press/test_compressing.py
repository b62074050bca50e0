"""Compressed forms of a site's texts: the same content, in fewer bytes, and the same bytes."""

import gzip
from hashlib import sha256
from pathlib import Path

import brotli
import pytest

from press import compressing, manifest
from press.model import OutputFile
from press.output import digest
from tests.conftest import Publication

TEXT = b"What is said again and again. " * 100


@pytest.fixture
def compressed(publication: Publication) -> Publication:
    path = publication.root / "series.toml"
    path.write_text(
        path.read_text().replace("[newsletter]", "[site]\ncompressed = true\n[newsletter]")
    )
    publication.write("content/000-a/data.csv", TEXT)
    publication.write("content/000-a/data.csv.gz", b"its own")
    publication.write("content/000-a/short.csv", TEXT[:100])
    publication.write("content/000-a/p.png", b"\x89PNG" + TEXT)
    publication.article("000-a/index")
    return publication


def outputs(publication: Publication) -> dict[str, bytes]:
    return {one.path: one.content for one in publication.make().outputs}


def test_each_text_has_its_forms(compressed: Publication) -> None:
    found = outputs(compressed)
    for path in ("index.html", "a.html", "assets/style.css", "assets/page.js", "feed.xml"):
        assert gzip.decompress(found[f"{path}.gz"]) == found[path]
        assert brotli.decompress(found[f"{path}.br"]) == found[path]


def test_what_is_no_text_or_short_has_none(compressed: Publication) -> None:
    found = outputs(compressed)
    assert {"a/p.png", "a/short.csv", "a/data.csv"} <= set(found)
    assert not {"a/p.png.gz", "a/p.png.br", "a/short.csv.gz", "cards/a.png.gz"} & set(found)


def test_no_form_takes_the_place_of_a_file(compressed: Publication) -> None:
    assert outputs(compressed)["a/data.csv.gz"] == b"its own"


def test_the_manifest_has_them(compressed: Publication) -> None:
    edition = compressed.make()
    listed = manifest.parse(edition.index.content).files
    assert listed == {one.path: digest(one.content) for one in edition.outputs}
    assert "index.html.br" in listed


def test_there_are_none_unless_they_are_wished_for(publication: Publication) -> None:
    publication.article("000-a")
    assert not [path for path in outputs(publication) if path.endswith((".gz", ".br"))]


def forms(content: bytes, cache: Path, path: str = "a.txt") -> dict[str, bytes]:
    made = compressing.forms(OutputFile(path, content), cache)
    return {one.path: one.content for one in made}


def test_a_form_that_is_no_smaller_is_left_out(tmp_path: Path) -> None:
    assert set(forms(TEXT, tmp_path)) == {"a.txt.gz", "a.txt.br"}
    noise = b"".join(sha256(bytes([n])).digest() for n in range(64))
    assert forms(noise, tmp_path) == {}


def test_a_gzip_file_names_no_time_and_no_file(tmp_path: Path) -> None:
    content = forms(TEXT, tmp_path)["a.txt.gz"]
    assert content[:4] == b"\x1f\x8b\x08\x00"  # RFC 1952, 2.3.1: no flags, so no name
    assert content[4:8] == bytes(4)


def test_brotli_is_done_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = forms(TEXT, tmp_path)
    monkeypatch.delattr(brotli, "compress")
    assert forms(TEXT, tmp_path) == before


def test_what_is_kept_and_no_more_wanted_goes(tmp_path: Path) -> None:
    forms(TEXT, tmp_path)
    forms(TEXT + b"more", tmp_path)
    compressing.forget([sha256(TEXT).hexdigest()], tmp_path)
    assert len(list((tmp_path / "brotli").iterdir())) == 1


def test_without_brotli_there_is_gzip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressing, "find_spec", lambda _name: None)
    assert set(forms(TEXT, tmp_path)) == {"a.txt.gz"}
