"""The feeds of a series: one file per format, and the file's name registers it."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from press.model import Site


class Feed(Protocol):
    """What a file of this folder offers."""

    PATH: str
    """Of the feed in the site."""
    MEDIA_TYPE: str

    def render(self, site: Site) -> bytes:
        """The feed's document, the same bytes for the same site."""
        ...


@cache
def formats() -> tuple[Feed, ...]:
    modules = (import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    return tuple(cast("Feed", module) for module in modules)
