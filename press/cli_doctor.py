"""The verb that looks whether all is there that others need, importing what it needs then."""

import sys
from collections.abc import Callable, Iterator
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
    import json
    from dataclasses import asdict

    from press import config, health
    from press.findings import Health, lines, total
    from press.root import find

    found = []
    with problems_reported():
        root = find(Path.cwd())
        looks = [health.examine(root)]
        if config.read(root)[0].newsletter:
            looks.append(elsewhere.mail(root))
        for one in (one for look in looks for one in look):
            found.append(one)
            for line in () if as_json else lines(one):
                click.echo(line)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
    else:
        click.echo(f"\n{total(found)}")
    if any(one.health is Health.WRONG for one in found):
        sys.exit(PROBLEMS)
