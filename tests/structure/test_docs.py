"""The commands in README and docs are run, what they show is true, and their tables are whole."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.providers import names as provider_names
from press import config, source
from press.languages import languages
from press.problems import Code, SourceText
from tests.conftest import REPOSITORY, SERIES

DOCUMENTS = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for path in [REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")]
)
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = {"make test"}
"""It is what runs this."""


def commands(document: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a document, and the lines that it shows as printed."""
    for block in CONSOLE.findall((REPOSITORY / document).read_text()):
        command, shown = "", list[str]()
        for line in block.splitlines():
            if line.startswith("$ "):
                if command:
                    yield command, shown
                command, shown = line[2:], []
            else:
                shown.append(line)
        yield command, shown


def pattern(shown: list[str]) -> str:
    """A line of `...` stands for any lines, `[..]` for anything within a line."""
    lines = [
        r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\[\.\.\]", ".*") + r"\n"
        for line in shown
    ]
    return "".join(lines)


def copy_of_the_project(target: Path) -> Path:
    """What a clone would have, with the environment of this interpreter."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (REPOSITORY / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, target / name)
    (target / ".venv").symlink_to(sys.prefix)
    for stamp in (".runtime", ".development"):
        (Path(sys.prefix) / stamp).touch()
    return target


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if list(commands(name))])
def test_its_commands_print_what_it_says(document: str, tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path / "project")
    (project / "docs").mkdir(exist_ok=True)
    environment = {**os.environ, "VENV": ".venv"}
    environment["PATH"] = f"{Path(sys.prefix) / 'bin'}:{environment['PATH']}"
    for command, shown in commands(document):
        if command in NOT_RUN:
            continue
        done = subprocess.run(
            command, shell=True, cwd=project, env=environment,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        assert re.fullmatch(pattern(shown), done.stdout), f"{command} printed:\n{done.stdout}"


def test_make_works_a_second_time_and_announces_nothing_again(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path / "project")
    said = []
    for _ in range(2):
        done = subprocess.run(
            ["make"], cwd=project, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.splitlines())
    assert [len(lines) for lines in said] == [3, 3]
    assert said[0][1].startswith("announced 1 to")
    assert said[1][1].startswith("nothing new to announce")
    assert "0 files written" in said[1][0]
    [mail] = (project / "demo/outbox").iterdir()
    assert said[0][1].endswith(mail.name)
    assert (project / "site/index.html").is_file()
    assert not (project / "var").exists()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_its_links_lead_somewhere(document: str) -> None:
    text = re.sub(
        r"^(`{3,})\w*\n.*?^\1$", "", (REPOSITORY / document).read_text(), flags=re.M | re.S
    )
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, fragment = target.partition("#")
        found = (REPOSITORY / document).parent / path if path else REPOSITORY / document
        assert found.exists(), target
        if fragment:
            titles = re.findall(r"^#+ (.*)$", found.read_text(), re.MULTILINE)
            anchors = [
                re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles
            ]
            assert fragment in anchors, target


def rows(document: str) -> set[str]:
    """The first cells of a document's tables, as they stand between backticks."""
    text = (REPOSITORY / document).read_text()
    return {
        name
        for line in text.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`([^`]+)`", line.split("|")[1])
    }


def test_every_problem_is_explained() -> None:
    assert rows("docs/problems.md") == {str(code) for code in Code}


def test_every_setting_is_explained() -> None:
    fields = {field.name for field in (*config.FIELDS, *config.NEWSLETTER_FIELDS)}
    assert rows("docs/settings.md") == fields
    for name in provider_names():
        assert f"`{name}`" in (REPOSITORY / "docs/settings.md").read_text()


def test_every_key_of_front_matter_and_its_other_names_are_explained() -> None:
    settings, _ = config.parse(SourceText("series.toml", SERIES))
    text = (REPOSITORY / "docs/writing.md").read_text()
    for field in source._fields(settings, "a"):
        [row] = [line for line in text.splitlines() if line.startswith(f"| `{field.name}` |")]
        assert set(re.findall(r"`([^`]+)`", row.split("|")[4])) == set(field.aliases)


def test_every_option_of_a_fence_is_explained() -> None:
    text = (REPOSITORY / "docs/writing.md").read_text()
    for language in languages():
        for option in language.options:
            assert re.search(rf"`{option}\b", text), option
