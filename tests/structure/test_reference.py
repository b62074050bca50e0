"""The reference is that of the code: made from it, whole, and nothing in it undescribed."""

import ast
import os
from importlib import import_module

import click
import pytest

from press import exits, keys
from press.problems import Code
from tests.conftest import REPOSITORY, Publication
from tests.structure import reference
from tests.structure.test_layers import MODULES


@pytest.mark.parametrize("path", reference.DOCUMENTS)
def test_it_is_made_from_the_code(path: str) -> None:
    made, file = reference.DOCUMENTS[path](), REPOSITORY / path
    if os.environ.get("UPDATE_REFERENCE"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(made)
    assert file.read_text() == made, "UPDATE_REFERENCE=1 pytest tests/structure/test_reference.py"


def test_every_verb_and_every_option_says_what_it_does() -> None:
    found = reference.all_commands()
    assert {"build.py newsletter send", "build.py newsletter subscribers add"} < dict(found).keys()
    for path, command in found:
        assert (command.help or "").strip().endswith((".", ":")), path
        for one in command.params:
            if isinstance(one, click.Option):
                assert one.help, f"{path} {one.opts}"


def test_it_has_every_verb_setting_and_code() -> None:
    verbs, settings = reference.verbs(), reference.settings()
    assert all(f"\n## {path}\n" in verbs for path, _ in reference.all_commands())
    assert all(f"\n## `[{table}]`\n" in settings for table in keys.TABLES)
    assert all(f"\n## {code}\n" in reference.problems() for code in Code)


def statuses_in_the_code() -> set[int]:
    """What is given to `sys.exit` by name, in the modules of the commands."""
    found: set[int] = set()
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assign) and name.startswith(("press.exits", "newsletter.cli")):
                names = [one for one in ast.walk(node.targets[0]) if isinstance(one, ast.Name)]
                values = [getattr(import_module(name), one.id) for one in names if one.id.isupper()]
                found.update(one for one in values if isinstance(one, int))
    return found


def test_the_statuses_are_those_of_the_code() -> None:
    assert statuses_in_the_code() | {0} == set(exits.STATUSES)


def test_a_verb_ends_with_no_status_that_has_no_name() -> None:
    for name, path in MODULES.items():
        if not name.startswith(("press.cli", "press.exits", "newsletter.cli")):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "sys.exit":
                numbers = [one for one in ast.walk(node) if isinstance(one, ast.Constant)]
                assert not [one for one in numbers if one.value != 0], (
                    f"{name}: {ast.unparse(node)}"
                )


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (["status"], 0),
        (["newsletter", "send"], exits.PROBLEMS),
        (["explain", "nothing"], exits.PROBLEMS),
        (["check", "--nothing"], exits.USAGE),
        (["nothing"], exits.USAGE),
        (["newsletter", "nothing"], exits.USAGE),
    ],
)
def test_verbs_end_as_it_says(publication: Publication, args: list[str], status: int) -> None:
    assert publication.run(*args).returncode == status
