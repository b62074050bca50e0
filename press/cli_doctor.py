"""The verb that looks whether all is there that others need, importing what it needs then."""

import sys
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from press.exits import PROBLEMS, problems_reported

if TYPE_CHECKING:
    from press.findings import Finding


class _Elsewhere(Protocol):
    """What the verb is given of what lives elsewhere."""

    @property
    def mail(self) -> "Callable[[Path], Iterator[Finding]]": ...


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def doctor(elsewhere: _Elsewhere, as_json: bool) -> None:
    """Look at all that a publication hangs on, on this machine, and say what to mend.

    It changes nothing. Where there is a [newsletter], all that mail hangs on is looked at as well,
    as `newsletter doctor` does. Exit status 1 if something is wrong; what was skipped is not.
    """
    from press import config, health
    from press.findings import tell
    from press.root import find

    with problems_reported():
        root = find(Path.cwd())
        looks = [health.examine(root)]
        if config.read(root)[0].newsletter:
            looks.append(elsewhere.mail(root))
        well = tell(chain.from_iterable(looks), as_json=as_json)
    sys.exit(0 if well else PROBLEMS)
