"""The verb that publishes: what it asks for, what it says, and how it ends."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from press.exits import problems_reported

if TYPE_CHECKING:
    from press.publishing import Announce, Wish

NOTHING_CHANGED = "; nothing was changed"
STEPS = ("build", "deploy", "live", "hubs")


class Elsewhere(Protocol):
    """What the command is given that lives elsewhere."""

    @property
    def announce(self) -> "Announce": ...


@click.command()
@click.option("--dry-run", "dry", is_flag=True, help="Say what would be done; change nothing.")
@click.option("--confirm", type=click.IntRange(0), help="Announce, if it is this many messages.")
@click.option(
    "--announce",
    "articles",
    multiple=True,
    metavar="ARTICLE",
    help="On the first run: an article that is new, by number, slug or id; or newest; or all.",
)
@click.option("--until", type=click.Choice(STEPS), help="Stop after this step.")
@click.option(
    "--wait", type=click.FloatRange(0, 86_400), help="Seconds until new pages have to be live."
)
@click.option("--not-proven", "lenient", is_flag=True, help="Let pass what nothing here can run.")
@click.option("--rollback", is_flag=True, help="Show the release before, where there are releases.")
@click.pass_obj
def publish(
    elsewhere: Elsewhere,
    dry: bool,
    confirm: int | None,
    articles: tuple[str, ...],
    until: str | None,
    wait: float | None,
    lenient: bool,
    rollback: bool,
) -> None:
    """Prove, build, deploy, see it live, tell hubs and announce: whatever of it is to be done.

    Stopped anywhere, it goes on from there. Exit status: 0 all is done, or waits for --confirm; 1
    there are problems; 2 wrong usage; 3 the outcome of some deliveries is unknown; 4 the provider
    takes nothing more for now; 5 what was deployed is not live, or another gate is shut.
    """
    others = {"--confirm": confirm is not None, "--announce": articles, "--until": until}
    given = [name for name, value in others.items() if value]
    if rollback and (given or lenient):
        raise click.UsageError("--rollback goes with --dry-run only")
    if until and given != ["--until"]:
        raise click.UsageError(f"{given[0]} is for a step that --until leaves out")
    if dry and confirm is not None:
        raise click.UsageError("--dry-run and --confirm exclude each other")
    with problems_reported():
        from press import publishing, shipping
        from press.entering import publication

        where = publication()
        with publishing.alone(where):
            if rollback:
                click.echo(shipping.roll_back(where, dry=dry))
                return
            step = publishing.Step[(until or "announce").upper()]
            wish = publishing.Wish(step, lenient, dry, wait, confirm, articles)
            sys.exit(_run(where, wish, elsewhere.announce))


def _run(where: Path, wish: "Wish", announce: "Announce") -> int:
    from datetime import UTC, datetime

    from press import publishing
    from press.live import NotLive

    def warn(line: str) -> None:
        click.echo(line, err=True)

    with problems_reported(NOTHING_CHANGED):
        act = publishing.act(where, wish, announce, click.echo, warn)
        site = act.build(datetime.now(UTC))
    try:
        return act.go_on(site)
    except NotLive as error:
        click.echo(f"{error}\nnobody was told", err=True)
        return publishing.NOT_LIVE
