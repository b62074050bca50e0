"""The ready workflows of docs/deploy: they can be read, and their commands are there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from newsletter.cli import cli as newsletter
from press.cli import cli
from tests.conftest import REPOSITORY

WORKFLOWS = sorted((REPOSITORY / "docs/deploy").glob("*.yml"))
COMMAND = re.compile(r"python build\.py ([^)\"\n]*)")


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in yaml.safe_load(path.read_text())["jobs"].values():
        yield from job["steps"]


def commands(path: Path) -> list[list[str]]:
    """Each of ours, those within others first; what these print stands for a number."""
    found = []
    for step in steps(path):
        text = step.get("run", "")
        while match := re.search(r'"\$\(([^()]*)\)"', text):
            found += [shlex.split(one) for one in COMMAND.findall(match[1])]
            text = text.replace(match[0], "1")
        found += [shlex.split(one) for one in COMMAND.findall(text)]
    return found


def parse(words: list[str]) -> None:
    """Raises UsageError for what is no command of ours."""
    group: click.Command = cli
    if words[0] == "newsletter":
        group, words = newsletter, words[1:]
    assert isinstance(group, click.Group)
    group.commands[words[0]].make_context(words[0], words[1:])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_one_and_its_commands_are_there(path: Path) -> None:
    document = yaml.safe_load(path.read_text())
    assert {"name", "permissions", "jobs"} <= document.keys()
    assert document[True]["schedule"]  # YAML 1.1 reads `on` as true
    assert document["permissions"] == {"contents": "read"}
    assert any(words[0] == "publish" for words in commands(path))
    for words in commands(path):
        parse(words)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_no_secret_stands_in_a_command(path: Path) -> None:
    for step in steps(path):
        assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step.get("uses", "a/a@v1"))
        assert "${{" not in step.get("run", "")


def test_what_is_no_command_is_noticed() -> None:
    with pytest.raises(click.UsageError):
        parse(["publish", "--nonsense"])


def test_each_is_named_in_the_documentation() -> None:
    text = (REPOSITORY / "docs/publishing.md").read_text()
    assert WORKFLOWS
    assert all(f"deploy/{path.name}" in text for path in WORKFLOWS)
