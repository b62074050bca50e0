"""What a verb does not need, it does not import: told by a real interpreter that runs it."""

import json
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY, Publication

HEAVY = {
    "PIL", "alembic", "babel", "brotli", "email_validator", "feedgen", "jinja2", "lxml", "markdown",
    "math_core", "nh3", "pygments", "requests", "slugify", "sqlalchemy", "yaml",
}  # fmt: skip

REPORT = """
import atexit, json, os, runpy, sys
atexit.register(lambda: os.write(9, json.dumps({tell}).encode()))
sys.argv = [{script!r}, *{args!r}]
runpy.run_path({script!r}, run_name="__main__")
"""
MODULES = "sorted(sys.modules)"
DATACLASSES = """sorted({
    module.__name__
    for module in tuple(sys.modules.values())
    for one in tuple(vars(module).values())
    if isinstance(one, type) and "__dataclass_fields__" in vars(one)
    and one.__module__ == module.__name__ and module.__name__.startswith("press.")
})"""


def told(publication: Publication, tell: str, *args: str) -> list[str]:
    """What an expression gives once a verb has run."""
    script = REPORT.format(tell=tell, script=str(REPOSITORY / "build.py"), args=list(args))
    out = publication.root / "modules.json"
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" "$@" 9>modules.json', sys.executable, "-c", script],
        cwd=publication.root,
        env={"PATH": "", "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
        executable="/bin/sh",
    )
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(out.read_text())
    return found


def loaded(publication: Publication, *args: str) -> set[str]:
    """The heavy libraries that a verb loads."""
    return {name.partition(".")[0] for name in told(publication, MODULES, *args)} & HEAVY


@pytest.fixture
def built(publication: Publication) -> Publication:
    """A publication of which one article has changed since it was built."""
    publication.article("000-a", "```python\nprint(1)\n```\n")
    publication.run("build")
    publication.article("000-a", "```python\nprint(2)\n```\n")
    return publication


@pytest.mark.parametrize(
    "args", [["--help"], ["newsletter", "--help"], ["build", "--help"], ["publish", "--help"]]
)
def test_help_loads_nothing(built: Publication, args: list[str]) -> None:
    assert loaded(built, *args) == set()


@pytest.mark.parametrize("args", [["explain"], ["explain", "duplicate"], ["completion", "bash"]])
def test_what_only_tells_loads_nothing(built: Publication, args: list[str]) -> None:
    assert loaded(built, *args) == set()


def test_newsletter_verbs_load_nothing_of_the_press(built: Publication) -> None:
    loaded(built, "newsletter", "subscribers", "list")  # makes the ledger, by alembic
    assert loaded(built, "newsletter", "subscribers", "list") == {"sqlalchemy"}
    assert loaded(built, "newsletter", "send") == {"sqlalchemy", "jinja2"}
    assert loaded(built, "newsletter", "status") == {"sqlalchemy"}


def test_a_build_loads_what_draws_only_where_there_is_something_to_draw(built: Publication) -> None:
    assert "PIL" not in loaded(built, "build")
    built.article("001-b")
    assert "PIL" in loaded(built, "build")


def test_the_verbs_of_the_press_load_nothing_of_the_newsletter(built: Publication) -> None:
    makes_pages = {"jinja2", "markdown", "nh3", "pygments", "yaml"}
    assert loaded(built, "build") <= makes_pages | {"feedgen", "lxml"}
    assert loaded(built, "build") == set()  # nothing has changed
    assert "msgspec" not in told(built, MODULES, "build")
    # What a build has made is not made again, but examples are read.
    assert loaded(built, "check") == {"jinja2", "markdown", "pygments", "yaml"}
    kept = sorted(path.name for path in (built.root / ".cache").iterdir())
    assert loaded(built, "check") == set(), kept  # nothing has changed
    assert loaded(built, "status") == {"yaml"}
    assert loaded(built, "new", "A Title") == {"slugify", "yaml"}


def test_the_build_itself_loads_nothing_that_only_some_of_its_work_needs() -> None:
    """One article of a thousand has no cards to draw, and little else to make."""
    late = {"PIL", "babel", "brotli", "feedgen", "lxml", "math_core", "nh3"}
    late |= {"http.client", "urllib.request", "xml.sax"}
    script = "import json, sys, press.pipeline as _, press.feeds as f; f.formats()\n"
    script += "print(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert not late & set(json.loads(done.stdout))


def test_a_build_makes_hardly_any_dataclass(built: Publication) -> None:
    """Each takes as long to make as forty classes of msgspec, and a change needs a hundred.

    The manifest's are what the newsletter knows too.
    """
    assert told(built, DATACLASSES, "build") == ["press.manifest"]
