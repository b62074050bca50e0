"""The name of a provider -> a Provider, by what its file offers."""

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

from newsletter import providers
from newsletter.place import Place
from newsletter.providers import HttpProvider, Provider
from press.problems import Code, Problem, ProblemsFound, did_you_mean


class _Module(Protocol):
    def connect(self, place: Place, options: Mapping[str, object]) -> Provider: ...


def module(name: str) -> object:
    """The file of a provider. Raises ProblemsFound for a name that is none."""
    known = providers.names()
    if name not in known:
        message = f"there is no provider `{name}`"
        hint = did_you_mean(name, known) or f"the providers are {', '.join(known)}"
        raise ProblemsFound([Problem("series.toml", 0, 0, Code.BAD_CONFIG, message, hint)])
    return import_module(f"newsletter.providers.{name}")


def connect(name: str, place: Place, options: Mapping[str, object] | None = None) -> Provider:
    """The provider of a name, with the options of its table in series.toml.

    Raises ProblemsFound for a name or an option that is none, or a secret that is not there.
    """
    found = module(name)
    if hasattr(found, "connect"):
        return cast("_Module", found).connect(place, options or {})
    from newsletter import transport

    return transport.connect(name, cast("HttpProvider", found), options or {})
