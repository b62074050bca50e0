"""What a build does where the disk, the cache or another build is in its way.

It ends right or with one clear Problem, and never with a traceback; and when the fault is gone,
the next one makes what a build from nothing makes.
"""

import resource
import shutil
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, Publication
from tests.press.incremental import building, spoiling
from tests.press.incremental.building import CACHE, SITE
from tests.press.incremental.faulting import (
    LONG,
    MORTAL,
    begun,
    build,
    change,
    disk,
    from_nothing,
    read_only,
    require_built,
    require_problem,
    require_right,
)


@pytest.fixture
def root(publication: Publication) -> Path:
    return begun(publication)


def require_whole(root: Path, before: building.Tree) -> None:
    """Each file of a site is as it was or as it is to be."""
    wanted = from_nothing(root)
    for path, found in building.tree(root / SITE).items():
        assert found in (before.get(path), wanted.get(path)), f"half written: {path}"


@pytest.mark.parametrize("left", [0, 60_000])
def test_a_full_disk_is_a_problem(root: Path, left: int) -> None:
    shutil.rmtree(root / SITE)
    with disk(root / SITE) as fill:
        require_built(build(root))
        before = building.tree(root / SITE)
        change(root, "Another", LONG * 8)
        filler = fill(left)
        require_problem(build(root), "site/", "bad-output-folder", "No space left")
        filler.unlink()
        require_whole(root, before)
        require_built(build(root))
        require_right(root)


@pytest.mark.parametrize("left", [0, 4096])
def test_a_full_disk_of_the_cache_is_none(root: Path, left: int) -> None:
    with disk(root / "small") as fill:
        cache = root / "small/cache"
        cache.mkdir()
        filler = fill(left)
        change(root, "Another")
        require_built(build(root, PROOFPRESS_CACHE=str(cache)))
        require_right(root)
        filler.unlink()
        change(root, "Third")
        require_built(build(root, PROOFPRESS_CACHE=str(cache)))
        require_right(root)


def test_a_file_that_may_not_be_so_large_is_a_problem(root: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    before = building.tree(root / SITE)
    change(root, "Another")
    require_problem(build(root, limit=limit), "site/", "bad-output-folder", "File too large")
    require_whole(root, before)
    require_built(build(root))
    require_right(root)


def test_a_read_only_site_is_a_problem(root: Path) -> None:
    before = building.tree(root / SITE)
    change(root, "Another")
    with read_only(root / SITE):
        done = build(root, under=MORTAL)
        require_problem(done, "site/", "bad-output-folder", "Permission denied")
    assert building.tree(root / SITE) == before
    require_built(build(root))
    require_right(root)


def test_a_read_only_site_that_is_right_already_is_none(root: Path) -> None:
    require_built(build(root))
    with read_only(root / SITE):
        require_built(build(root, under=MORTAL))


def test_a_read_only_folder_in_the_place_of_the_site_is_a_problem(root: Path) -> None:
    shutil.rmtree(root / SITE)
    (root / SITE).mkdir()
    with read_only(root / SITE):
        done = build(root, under=MORTAL)
        require_problem(done, "site/", "bad-output-folder", "Permission denied")
    require_built(build(root))
    require_right(root)


@pytest.mark.parametrize("mode", [0o555, 0o000])
@pytest.mark.parametrize("kept", [True, False])
def test_a_cache_that_can_t_be_written_is_none(root: Path, kept: bool, mode: int) -> None:
    if not kept:
        shutil.rmtree(root / CACHE)
        (root / CACHE).mkdir()
    with read_only(root / CACHE, mode):
        change(root, "Another")
        require_built(build(root, under=MORTAL))
        require_right(root)
    change(root, "Third")
    require_built(build(root))
    require_right(root)


def test_a_file_in_the_place_of_the_cache_is_none(root: Path) -> None:
    shutil.rmtree(root / CACHE)
    (root / CACHE).write_bytes(b"mine")
    change(root, "Another")
    require_built(build(root))
    require_right(root)
    assert (root / CACHE).read_bytes() == b"mine"


@pytest.mark.parametrize("kind", sorted(spoiling.ONE))
def test_a_damaged_cache_is_none(root: Path, kind: str) -> None:
    for path in list(building.paths(root / CACHE)):
        if path.is_file() and not path.is_symlink():
            spoiling.ONE[kind](path, 60)
    require_built(build(root))
    require_right(root)
    change(root, "Another")
    require_built(build(root))
    require_right(root)


def ours(folder: Path) -> Path:
    """Proofpress itself, in a folder where it may be changed."""
    for name in ("press", "templates", "newsletter"):
        shutil.copytree(
            REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("build.py", "proofpress.py"):
        shutil.copy(REPOSITORY / name, folder)
    return folder


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("press/reading.py", "230, 500", "100, 500"),
        ("press/structured.py", '"inLanguage"', '"language"'),
        ("templates/site/base.html", "</main>", "</main><!-- changed -->"),
        ("templates/assets/style.css", "}", "} /* changed */"),
        ("templates/words/de.po", "Hier gibt es keine Seite", "Nichts"),
    ],
)
def test_a_cache_of_another_version_is_none(
    root: Path, tmp_path: Path, file: str, old: str, new: str
) -> None:
    """Ours may be newer than what made the cache, and older again."""
    changed = ours(tmp_path / "ours")
    series = (root / "series.toml").read_text().replace('language = "en"', 'language = "de"')
    (root / "series.toml").write_text(series)
    text = (changed / file).read_text()
    assert old in text
    for version in (text, text.replace(old, new), text):
        (changed / file).write_text(version)
        require_built(build(root, ours=changed))
        require_right(root, changed)
