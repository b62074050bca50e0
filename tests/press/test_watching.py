"""What is read is watched, at once and without a gap; what editors write beside it is not."""

import shutil
from collections.abc import Iterator, Set
from pathlib import Path
from threading import Semaphore

import pytest
from watchfiles import _rust_notify

from press import watching
from tests.conftest import Publication


class Told(Semaphore):
    """Counts what is told, and holds what was told last."""

    paths: Set[Path] | None

    def once(self) -> bool:
        return self.acquire(timeout=30)

    def tell(self, paths: Set[Path] | None) -> None:
        self.paths = paths
        self.release()

    def forget(self) -> None:
        while self.acquire(blocking=False):
            pass


@pytest.fixture
def told(publication: Publication) -> Iterator[Told]:
    publication.article("000-a")
    publication.write("content/001-b/index.md", "Text.")
    counted = Told(0)
    watch = watching.Watch(publication.root, counted.tell)
    watch.start()
    yield counted
    watch.close()


READ = [
    "series.toml", "content/000-a.md", "content/002-c.md", "content/001-b/index.md",
    "content/001-b/a/plot.png", "content/003-d/index.md", "templates/site/article.html",
    "templates/assets/style.css", "templates/words/de.po",
]  # fmt: skip


@pytest.mark.parametrize("path", READ)
def test_what_is_written_is_told(told: Told, publication: Publication, path: str) -> None:
    publication.write(path, "new")
    assert told.once()
    assert path != "content/000-a.md" or told.paths == {(publication.root / path).resolve()}
    assert path != "series.toml" or told.paths is None


@pytest.mark.parametrize("path", ["series.toml", "content/000-a.md"])
def test_what_replaces_a_file_is_told(told: Told, publication: Publication, path: str) -> None:
    for _ in range(2):
        told.forget()
        publication.write("elsewhere", "new").replace(publication.root / path)
        assert told.once()


def test_a_folder_that_is_made_again_is_watched(told: Told, publication: Publication) -> None:
    content = publication.root / "content"
    shutil.rmtree(content)
    assert told.once()
    publication.article("000-a")
    assert told.once()
    for _ in range(3):  # what is told of the folder itself may still come once or twice
        told.forget()
        publication.article("000-a", "new")
        assert told.once()


def matters(root: Path, path: str) -> bool:
    return watching.Watch(root, lambda _: None)._matters((root / path).resolve())


@pytest.mark.parametrize("path", [path for path in READ if path != "series.toml"])
def test_what_is_read_matters(publication: Publication, path: str) -> None:
    publication.write(path, "")
    assert matters(publication.root, path)


@pytest.mark.parametrize("path", ["content/001-b", "content/gone.md", "content/003-gone"])
def test_folders_and_what_is_gone_matter(publication: Publication, path: str) -> None:
    publication.write("content/001-b/index.md", "")
    assert matters(publication.root, path)


@pytest.mark.parametrize(
    "path",
    [
        "content/.000-a.md.swp", "content/000-a.md~", "content/4913", "content/#000-a.md#",
        "content/.#000-a.md", "content/000-a.md___jb_tmp___", "content/_later.md",
        "content/001-b/index.md~", "content/001-b/.index.md.swx", "content/001-b/4913",
        "content/notes.txt", "content/.git/index", "content/_drafts/000-a.md",
        "templates/site/.article.html.swp", "templates/assets/style.css~",
    ],
)  # fmt: skip
def test_what_editors_write_does_not(publication: Publication, path: str) -> None:
    publication.write(path, "")
    assert not matters(publication.root, path)


def test_where_the_system_watches_no_more_it_looks_by_itself(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = _rust_notify.RustNotify

    def full(paths: list[str], debug: bool, polls: bool, *more: object) -> object:
        if not polls:
            raise OSError("OS file watch limit reached")
        return real(paths, debug, polls, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(_rust_notify, "RustNotify", full)
    told = Told(0)
    watch = watching.Watch(publication.root, told.tell)
    watch.start()
    told.forget()
    publication.article("000-a")
    assert told.once()
    watch.close()
