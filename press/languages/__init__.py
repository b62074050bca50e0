"""The languages that examples are proven in: one file each, and the file's name registers it."""

import pkgutil
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from press.model import Example, Language, Proof, Workshop


class Prover(Protocol):
    """What a file of this folder offers."""

    LANGUAGE: Language

    def version(self, workshop: Workshop) -> str:
        """With what examples run; a proof holds as long as that stays. Empty for none."""
        ...

    def prove(self, examples: Sequence[Example], workshop: Workshop) -> Iterable[Proof]:
        """One Proof for each example, in their order; never raises for what an example does."""
        ...


@cache
def provers() -> dict[str, Prover]:
    """The name of each language -> its module."""
    modules = (import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    return {module.LANGUAGE.name: cast("Prover", module) for module in modules}


def languages() -> tuple[Language, ...]:
    return tuple(prover.LANGUAGE for prover in provers().values())
