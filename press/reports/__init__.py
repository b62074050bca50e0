"""What a check or a build has found, told in the form that is asked for: one file each."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from json import dumps
from typing import Any, Protocol, cast

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


LONE = re.compile(r"(\\\\|\\ud[89ab]..\\ud[c-f]..)|(\\ud[89a-f]..)")
"""Surrogates in JSON of ASCII: those of a pair, after a backslash that is one; or one alone."""


def document(values: dict[str, Any]) -> str:
    """JSON, in ASCII: the same in whatever encoding the terminal or the pipe has.

    What is no text of Unicode, such as a file's name in another encoding, is as Python writes it.
    """
    text = dumps(values, indent=2)
    return LONE.sub(lambda found: found[1] or f"\\{found[2]}", text) + "\n"


def joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
