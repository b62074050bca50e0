"""The languages that examples are proven in: one file each, and the file's name registers it."""

import pkgutil
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from press.model import Example, Language, Proof, Setting, Workshop


class Prover(Protocol):
    """What a file of this folder offers."""

    LANGUAGE: Language

    def version(self, setting: Setting, workshop: Workshop) -> str:
        """With what the examples of a setting run; a proof holds as long as that stays.

        Its first line is for people. Empty where nothing here runs them.
        """
        ...

    def prove(
        self, examples: Sequence[Example], workshop: Workshop, workers: int | None = None
    ) -> Iterator[Proof]:
        """One Proof for each example, as they come; never raises for what an example does.

        At most `workers` run at a time: as many as there are processors, unless it is given.
        Languages that share names with each other share this function as well.
        """
        ...


@cache
def provers() -> dict[str, Prover]:
    """The name of each language -> its module."""
    modules = (import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    return {module.LANGUAGE.name: cast("Prover", module) for module in modules}


def languages() -> tuple[Language, ...]:
    return tuple(prover.LANGUAGE for prover in provers().values())
