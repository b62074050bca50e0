"""What a check or a build has found, told in the form that is asked for: one file each."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from press.pipeline import Built, Checked
from press.problems import Problem


@dataclass(frozen=True, slots=True)
class Report:
    """Text for standard output and for standard error, each ending with a line break or empty."""

    output: str = ""
    errors: str = ""


class Form(Protocol):
    """What a file of this folder offers."""

    def render(self, checked: Checked) -> Report: ...


BUILDS = ("text", "json", "github", "sarif")
"""The forms in which a build can be told of as well: each has a function `built`."""


class BuildForm(Form, Protocol):
    """What a file of those offers besides."""

    def built(self, built: Built) -> Report:
        """Of a build that was done; what stops one is told as of a check."""
        ...


def render(form: str, checked: Checked) -> Report:
    module = cast("Form", import_module(f"{__name__}.{form}"))
    return module.render(checked)


def stopped(form: str, problems: Iterable[Problem]) -> Report:
    """What kept a verb from going on."""
    return render(form, Checked(0, (), tuple(problems), None))


def built(form: str, done: Built) -> Report:
    module = cast("BuildForm", import_module(f"{__name__}.{form}"))
    return module.built(done)


def joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
