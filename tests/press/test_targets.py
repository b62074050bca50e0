"""What each deploy target has to do, tried against its real part: found by its name.

A target that can't tell what its place holds (its `compare` says None) is told what to bring.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from press import cargo, deploy, manifest
from press.deploy import Difference
from press.problems import Code, ProblemsFound
from tests.conftest import REPOSITORY
from tests.press.targets import SERIES, Yard, opens, shown, site

FIRST = {
    "#a; b.txt": b"no comment",
    "index.html": b"<p>first",
    "a.html": b"<p>a",
    "old/gone.html": b"<p>gone",
    "feed.xml": b"<rss/>",
    "assets/style.css": b"p {}",
    "assets/line ends.txt": b"a\r\nb\n\xff",
    "assets/$(touch here);'\" é.png": b"PNG",
}
SECOND = {
    **{path: content for path, content in FIRST.items() if path != "old/gone.html"},
    "index.html": b"<p>second",
    "b.html": b"<p>b",
    "assets/empty.js": b"",
}
TELLS = [name for name in deploy.names() if name != "command"]
"""The targets that can tell what their place holds."""


@pytest.fixture
def yard(name: str, tmp_path: Path) -> Iterator[Yard]:
    with opens(name).opened(tmp_path / "there") as part:
        yield Yard(name, part, tmp_path)


@pytest.fixture(autouse=True)
def there(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()


def every(names: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", names)


@every(deploy.names())
def test_it_holds_what_is_brought(yard: Yard) -> None:
    for files in (FIRST, SECOND, FIRST):
        yard.bring(files)
        assert yard.part.files() == shown(yard.cargo(files))
    assert not list(yard.folder.rglob("here"))  # nothing was given to a shell


@every(TELLS)
def test_it_tells_what_lacks_in_the_order_in_which_it_goes(yard: Yard) -> None:
    first = yard.bring(FIRST)
    assert first
    assert [path for path in first.changed if path != ".nojekyll"] == [
        "#a; b.txt",
        "assets/$(touch here);'\" é.png",
        "assets/line ends.txt",
        "assets/style.css",
        "a.html",
        "index.html",
        "old/gone.html",
        "feed.xml",
        manifest.FILE,
    ]
    assert first.gone == ()
    second = yard.bring(SECOND)
    changed = ("assets/empty.js", "b.html", "index.html", manifest.FILE)
    assert second == Difference(changed, ("old/gone.html",))


@every(TELLS)
def test_to_look_changes_nothing(yard: Yard) -> None:
    before = yard.part.state()
    assert yard.place().compare(yard.cargo(FIRST))
    assert yard.part.state() == before
    yard.bring(FIRST)
    before = yard.part.state()
    assert yard.place().compare(yard.cargo(SECOND))
    assert yard.part.state() == before


@every(TELLS)
def test_nothing_is_done_where_all_is_there(yard: Yard) -> None:
    yard.bring(FIRST)
    before = yard.part.state()
    assert yard.bring(FIRST) == Difference()
    assert yard.part.state() == before


@every(TELLS)
def test_what_somebody_else_did_there_is_undone(yard: Yard) -> None:
    yard.bring(FIRST)
    yard.part.put("a.html", b"<p>z")
    yard.part.put("more.html", b"more")
    assert yard.bring(FIRST) == Difference(("a.html",), ("more.html",))
    assert yard.part.files() == shown(yard.cargo(FIRST))


@every([name for name in TELLS if name != "folder"])
def test_what_is_no_site_of_ours_is_not_removed(yard: Yard) -> None:
    for path in ("photo.jpg", "manifest.json", "keep/x"):
        yard.part.put(path, b"{}")
    before = yard.part.state()
    with pytest.raises(ProblemsFound, match="there are 2 files there of no site of ours") as error:
        yard.bring(FIRST)
    [problem] = error.value.problems
    assert problem.code is Code.NOT_DEPLOYED
    assert yard.part.state() == before
    yard.more = {"keep": ["photo.jpg", "keep"]}
    for files in (FIRST, SECOND):
        yard.bring(files)
        assert yard.part.files() == {
            **shown(yard.cargo(files)), "photo.jpg": b"{}", "keep/x": b"{}",
        }  # fmt: skip
    assert yard.bring(SECOND) == Difference()


@every(deploy.names())
def test_a_place_that_can_t_be_reached_is_one_problem_without_secrets(yard: Yard) -> None:
    yard.part.break_down()
    with pytest.raises(ProblemsFound) as error:
        yard.bring(FIRST)
    [problem] = error.value.problems
    assert problem.code is Code.NOT_DEPLOYED
    place = yard.place()
    secrets = [yard.part.environment.get(name) for name in deploy.target(yard.name).SECRETS]
    for secret in filter(None, secrets):
        assert secret not in f"{error.value} {place!r} {place.name}"


KILLED = """
import os, signal, sys
from pathlib import Path
from press import deploy
from press.deploy import Cargo, Difference
from tests.press.targets import Yard
{part}
yard = Yard({name!r}, Part(), Path({folder!r}))
load, place = yard.cargo({files!r}), yard.place()
found = place.compare(load) or Difference(tuple(load.files))
place.bring(load, found, lambda done, count: os.kill(os.getpid(), signal.SIGKILL))
"""
PART = """
class Part:
    values = {values!r}
    environment = {environment!r}
"""


@every([name for name in TELLS if name != "git"])
def test_killed_on_its_way_it_goes_on(yard: Yard) -> None:
    """A push of git is there as a whole or not at all."""
    yard.bring(FIRST)
    part = PART.format(values=yard.part.values, environment=dict(yard.part.environment))
    script = KILLED.format(part=part, name=yard.name, folder=str(yard.folder), files=SECOND)
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert yard.part.files()["index.html"] == FIRST["index.html"]
    yard.bring(SECOND)
    assert yard.part.files() == shown(yard.cargo(SECOND))


@every(deploy.names())
def test_its_file_says_what_a_target_says(name: str) -> None:
    file = deploy.target(name)
    assert all(field.doc and (field.example or not field.required) for field in file.FIELDS)
    assert isinstance(file.SECRETS, dict)


def test_what_is_not_as_it_was_built_is_not_deployed(tmp_path: Path) -> None:
    made = site(tmp_path / "site", FIRST)
    (made / "mine.html").write_bytes(b"nobody proved this")
    load = cargo.stage(made, tmp_path / "cargo")
    assert not (load.folder / "mine.html").exists()
    assert set(shown(load)) == {*FIRST, manifest.FILE}
    (made / "a.html").write_bytes(b"<p>changed")
    (made / "feed.xml").unlink()
    with pytest.raises(ProblemsFound) as error:
        cargo.stage(made, tmp_path / "cargo")
    assert [one.path for one in error.value.problems] == ["site/a.html", "site/feed.xml"]


def test_what_was_laid_before_stays_and_nothing_else(tmp_path: Path) -> None:
    made, laid = site(tmp_path / "site", FIRST), tmp_path / "cargo"
    assert set(cargo.stage(made, laid).linked) == {*FIRST, manifest.FILE}
    before = (made / "a.html").stat()
    (laid / "old/empty").mkdir()
    (laid / "mine").symlink_to(made, target_is_directory=True)
    (made / "index.html").unlink()
    site(made, SECOND)
    load = cargo.stage(made, laid)
    assert "a.html" not in load.linked
    assert (made / "a.html").stat() == before
    assert {path.relative_to(laid).as_posix() for path in laid.rglob("*")} == {
        "assets", *load.files
    }  # fmt: skip


def test_a_manifest_that_leads_out_of_the_site_is_refused(tmp_path: Path) -> None:
    made = site(tmp_path / "site", {"a.html": b"a"})
    (tmp_path / "x").write_bytes(b"a")
    digest = manifest.load(made).files["a.html"]
    wrong = manifest.Manifest(SERIES, (), {"../x": digest})
    (made / manifest.FILE).write_bytes(manifest.dump(wrong))
    with pytest.raises(ProblemsFound, match="this leads out of the site"):
        cargo.stage(made, tmp_path / "deep" / "cargo")
    assert not (tmp_path / "deep" / "x").exists()


def test_a_folder_that_can_t_be_written_to_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ProblemsFound, match="can't deploy here"):
        cargo.stage(site(tmp_path / "site", {"a.html": b"a"}), tmp_path / "file" / "cargo")
