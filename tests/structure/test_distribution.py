"""What is installed is whole: wheel and sdist, built and installed offline, publish elsewhere.

The dependencies are those of the environment of these tests: nothing is fetched.
"""

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.conftest import NEWSLETTER, SERIES, Publication
from tests.structure.conftest import tracked

NEEDED = 77
"""The oldest setuptools that knows all of pyproject.toml."""
EPOCH = "1767225600"
BUILD = """
import sys
from setuptools import build_meta
print(getattr(build_meta, "build_" + sys.argv[1])(sys.argv[2]))
"""

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(
        int(version("setuptools").partition(".")[0]) < NEEDED,
        reason=f"needs setuptools {NEEDED} or newer, which the lock of development has",
    ),
]


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "SOURCE_DATE_EPOCH": EPOCH, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(kind: str, source: Path, into: Path) -> Path:
    """A wheel or an sdist, as pip would ask the project for one."""
    into.mkdir(exist_ok=True)
    return into / run(sys.executable, "-c", BUILD, kind, into, cwd=source).split()[-1]


def copy(repository: Path, to: Path) -> Path:
    """What git has, alone in a folder."""
    for name in tracked():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_bytes((repository / name).read_bytes())
        (to / name).chmod((repository / name).stat().st_mode & 0o777)
    return to


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A wheel and an sdist."""
    from tests.conftest import REPOSITORY

    folder = tmp_path_factory.mktemp("made")
    source = copy(REPOSITORY, folder / "source")
    return build("wheel", source, folder / "out"), build("sdist", source, folder / "out")


def test_the_sdist_makes_the_same_wheel_to_the_byte(
    made: tuple[Path, Path], tmp_path: Path
) -> None:
    """So the wheel is reproducible, and the sdist has all that it is made of."""
    wheel, sdist = made
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    [source] = tmp_path.iterdir()
    again = build("wheel", source, tmp_path / "out")
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_the_wheel_has_every_file_that_the_program_is_made_of(made: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(made[0]) as archive:
        packed = {*archive.namelist()}
    ours = [name for name in tracked() if re.match(r"(press|newsletter|templates)/", name)]
    missing = [
        name for name in ours if re.sub("^templates/", "press/templates/", name) not in packed
    ]
    assert not missing
    extra = {name.partition("/")[0] for name in packed if ".dist-info/" not in name}
    assert extra == {"press", "newsletter", "proofpress.py"}


@pytest.fixture(scope="module")
def installed(made: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `proofpress` of a fresh environment, whose dependencies are those of this one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    python = folder / "bin/python"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python]
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", made[0], cwd=folder)
    paths = {"base": str(folder), "platbase": str(folder)}
    place = Path(sysconfig.get_path("purelib", "venv", vars=paths))
    theirs = sysconfig.get_path("purelib")
    (place / "dependencies.pth").write_text(f"import site; site.addsitedir({theirs!r})\n")
    return folder / "bin/proofpress"


def test_what_is_installed_publishes_and_tells_in_a_folder_of_its_own(
    installed: Path, publication: Publication
) -> None:
    settings = SERIES.replace('language = "en"\n', "") + 'language = "de"\n' + NEWSLETTER
    publication.write("series.toml", settings)
    publication.article("000-a", "```python\nprint(1)\n```\n\n```output\n1\n```\n")
    journal = {
        "PROOFPRESS_JOURNAL": str(publication.root / "journal"),
        "HOME": str(publication.root),
    }

    def proofpress(*args: str) -> str:
        return run(installed, *args, cwd=publication.root, **journal)

    assert "built site/ from 1 article" in proofpress("build")
    site = publication.root / "site"
    page = (site / "a.html").read_text()
    assert 'lang="de"' in page
    assert "Teil 1" in page
    assert (site / "assets/style.css").stat().st_size
    proofpress("newsletter", "subscribers", "add", "ada@example.org")
    said = proofpress("newsletter", "send", "--announce", "all")
    assert "    proofpress newsletter send --announce all --confirm 1\n" in said
    assert "    $ proofpress newsletter send\n" in proofpress("explain", "not-built")
    assert "1 of 1" in proofpress("newsletter", "send", "--announce", "all", "--confirm", "1")
    [mail] = (publication.root / "var/outbox").glob("*.eml")
    assert b"Sie bekommen diese E-Mail" in mail.read_bytes()


def pytest_says(installed: Path, folder: Path, *words: str) -> tuple[int, str]:
    """The status and the output of pytest, of the environment that Proofpress is installed in."""
    done = subprocess.run(
        [installed.parent / "python", "-m", "pytest", "-p", "no:cacheprovider", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_pytest_proves_what_has_been_started(installed: Path, tmp_path: Path) -> None:
    run(installed, "start", "--yes", cwd=tmp_path, HOME=str(tmp_path))
    status, said = pytest_says(installed, tmp_path, "content/")
    assert status == 0, said
    assert re.search(r"\b2 passed|1 passed, 1 skipped", said), said  # without Rust, the second


def test_pytest_loads_the_plugin_once_where_a_project_names_it_as_well(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["press.pytest_plugin"]\n')
    (tmp_path / "series.toml").write_text(SERIES)
    (tmp_path / "content").mkdir()
    (tmp_path / "content/000-a.md").write_text(
        "---\ntitle: A\ndate: 2026-01-01\ndescription: A\n---\n\n```python\n```\n"
    )
    for words in (["content/"], ["content/", "-p", "press.pytest_plugin"]):
        status, said = pytest_says(installed, tmp_path, *words)
        assert status == 0, said
        assert "1 passed" in said


def test_pytest_is_as_ever_where_there_is_no_publication(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/000-a.md").write_text("```python\n1 / 0\n```\n")
    code = "import sys\ndef test_it():\n    assert not {'press.model', 'click'} & {*sys.modules}\n"
    (tmp_path / "test_it.py").write_text(code)
    status, said = pytest_says(installed, tmp_path, "-W", "error")
    assert (status, "1 passed" in said) == (0, True), said
    status, said = pytest_says(installed, tmp_path, "content/")
    assert "no tests ran" in said
