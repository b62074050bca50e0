"""What a check has found, told in the form that is asked for: one file each."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from press.pipeline import Checked


@dataclass(frozen=True, slots=True)
class Report:
    """Text for standard output and for standard error, each ending with a line break or empty."""

    output: str = ""
    errors: str = ""


class Form(Protocol):
    """What a file of this folder offers."""

    def render(self, checked: Checked) -> Report: ...


def render(form: str, checked: Checked) -> Report:
    module = cast("Form", import_module(f"{__name__}.{form}"))
    return module.render(checked)


def joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
