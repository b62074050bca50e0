"""Which targets there are for [deploy], and which keys each has: found by their files' names."""

import pkgutil
from importlib import import_module
from pathlib import Path

from press.fields import Field
from press.problems import Code, Problem, SourceText, did_you_mean

FOLDER = Path(__file__).parent / "deploy"


def names() -> list[str]:
    return sorted(info.name for info in pkgutil.iter_modules([str(FOLDER)]))


def fields_of(
    table: dict[str, object], common: tuple[Field, ...], source: SourceText, at: tuple[int, int]
) -> tuple[tuple[Field, ...], list[Problem]]:
    """The keys of a table [deploy] whose target stands at a place; a Problem if there is none.

    Of a target that is not known nobody can say which keys it has: they are taken out.
    """
    name, known = table.get("target"), names()
    if name in known:
        return (*common, *import_module(f"press.deploy.{name}").FIELDS), []
    for key in table.keys() - {field.name for field in common}:
        del table[key]
    if not isinstance(name, str):  # which is a Problem of its own
        return common, []
    hint = did_you_mean(name, known) or f"it is one of {', '.join(known)}"
    return common, [source.problem(Code.BAD_CONFIG, *at, f"there is no target `{name}`", hint)]
