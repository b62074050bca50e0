"""The verb that sends: what it would do, doing it, and how it ends."""

import math
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from newsletter.opening import here, ledger
from press.exits import INTERRUPTED, PROBLEMS, problems_reported, tell_of
from press.root import typed

if TYPE_CHECKING:
    from newsletter.place import Place
    from newsletter.runs import Progress
    from newsletter.send import Choice, Sender
    from newsletter.store.database import Database
    from press.problems import ProblemsFound

UNKNOWN_REMAINS, PAUSED, SHUT = 3, 4, 5


@click.command()
@click.option("--confirm", type=click.IntRange(0), help="Do it, if it is this many messages.")
@click.option(
    "--announce",
    multiple=True,
    metavar="ARTICLE",
    help="On the first run: an article that is new, by number, slug or id; or newest; or all.",
)
@click.option("--update", multiple=True, metavar="ARTICLE", help="Tell of its update instead.")
@click.option(
    "--correction",
    multiple=True,
    metavar="ARTICLE",
    help="Tell of its corrections instead, those who were told what was wrong.",
)
@click.option("--course", is_flag=True, help="Only the next parts of courses, as far as due.")
@click.option("--digest", is_flag=True, help="Only the weekly digests, as far as due.")
@click.option("--catch-up", is_flag=True, help="Digests for all, of what they were not told.")
@click.option("--count", is_flag=True, help="Print only how many messages it would be.")
@click.option("--no-verify", is_flag=True, help="Do not look whether the pages are live.")
@click.option("--join", is_flag=True, help="Help with what another sender has begun.")
@click.option("--test", metavar="ADDRESS", help="Send one marked copy, outside of the ledger.")
def send(
    confirm: int | None,
    announce: tuple[str, ...],
    update: tuple[str, ...],
    correction: tuple[str, ...],
    course: bool,
    digest: bool,
    catch_up: bool,
    count: bool,
    no_verify: bool,
    join: bool,
    test: str | None,
) -> None:
    """Tell each subscriber of each new article. A dry run, unless confirmed.

    On the first run, all articles that are published already are recorded as known.
    """
    from newsletter.intents import Choice

    one_of(**{"--confirm": confirm is not None, "--join": join, "--test": test is not None,
              "--count": count})  # fmt: skip
    one_of(**{"--announce": announce, "--update": update, "--correction": correction,
              "--course": course, "--digest": digest, "--catch-up": catch_up})  # fmt: skip
    one_of(**{"--course": course, "--digest": digest, "--catch-up": catch_up, "--test": test})
    choice = Choice(announce, update, correction, course, digest, catch_up)
    if no_verify:
        click.echo("the pages are not looked at: what a mail leads to may not be there", err=True)
    with problems_told():
        where = here()
        if test is not None:
            _test(where, test, choice)
        elif confirm is None and not join:
            _dry_run(where, choice, verify=not no_verify, only_count=count)
        else:
            with ledger(where) as database:
                sys.exit(hand_over(where, database, confirm, choice, verify=not no_verify))


def one_of(**given: object) -> None:
    """Raise UsageError where more than one of some options is given."""
    if sum(map(bool, given.values())) > 1:
        *others, last = given
        raise click.UsageError(f"{', '.join(others)} and {last} exclude each other")


@contextmanager
def problems_told() -> Iterator[None]:
    """Problems with the exit status that says of which kind they are."""
    from newsletter.gates import Shut
    from newsletter.handing import Paused
    from newsletter.http import Refused
    from press.problems import Code, Problem, ProblemsFound

    with problems_reported():
        try:
            yield
        except (Shut, Paused) as error:
            tell_of(error.problems)
            sys.exit(_exit_status(error))
        except Refused as error:
            raise ProblemsFound([Problem("send", 0, 0, Code.REFUSED, str(error))]) from None


def _exit_status(error: "ProblemsFound") -> int:
    from newsletter.gates import Shut
    from newsletter.handing import Paused

    if isinstance(error, Shut):
        return SHUT
    return PAUSED if isinstance(error, Paused) else PROBLEMS


def _test(where: "Place", address: str, choice: "Choice") -> None:
    from newsletter.addresses import checked
    from newsletter.plan import to_try
    from newsletter.send import prepare

    to = checked(address)
    with ledger(where, make=False) as database:
        sender = prepare(where, database)
        for one in to_try(sender.manifest, choice.announce, choice.update, choice.correction):
            outcome, number = sender.test(one, to), one.article.number
            click.echo(f"a test of {number:03} to {to}: {outcome} by {sender.carrier.name}")


def _dry_run(where: "Place", choice: "Choice", *, verify: bool, only_count: bool) -> None:
    from newsletter import report
    from newsletter.gates import Shut
    from newsletter.send import prepare

    shut = None
    with ledger(where, make=False) as database:
        sender = prepare(where, database)
        intent = sender.intend(choice)
        if only_count:
            click.echo(intent.messages)
            return
        for line in report.intent(intent, sender):
            click.echo(line)
        try:
            sender.check(intent, verify=verify)
        except Shut as error:
            shut = error
    if intent.is_something:
        command = [*_command(), *_options(choice, verify=verify)]
        command += ["--confirm", str(intent.messages)]
        click.echo(f"nothing is done yet; to do it:\n    {shlex.join(command)}")
    if shut:
        raise shut


def _options(choice: "Choice", *, verify: bool) -> list[str]:
    named = [("--announce", name) for name in choice.announce]
    named += [("--update", name) for name in choice.update]
    named += [("--correction", name) for name in choice.correction]
    flags = {
        "--course": choice.course, "--digest": choice.digest, "--catch-up": choice.catch_up,
        "--no-verify": not verify,
    }  # fmt: skip
    words = [word for pair in named for word in pair]
    return words + [flag for flag, is_given in flags.items() if is_given]


def _command() -> list[str]:
    """The command that is running, as one would type it."""
    words = click.get_current_context().command_path.split()
    return words if words[0] == "python" else [*shlex.split(typed()), *words[1:]]


def hand_over(
    where: "Place", database: "Database", count: int | None, choice: "Choice", *, verify: bool
) -> int:
    """Send, and say what came of it; the exit status. Raises ProblemsFound before it begins."""
    from newsletter.handing import Stopped
    from newsletter.runs import Progress
    from newsletter.send import prepare
    from press import progress
    from press.problems import ProblemsFound

    sender = prepare(where, database)
    status = 0
    with progress.shown("handing over") as tell, _stopped_by_interrupts(sender):
        run = Progress(tell)
        try:
            intent = sender.send(count, choice, verify=verify, progress=run)
            if intent.plan.baseline:
                known = len(intent.plan.baseline)
                articles = f"{known:,} article{'' if known == 1 else 's'}"
                click.echo(f"{articles} recorded as known, told to nobody")
            if not intent.is_something:
                click.echo("there is nothing to tell: nothing was sent")
        except Stopped:
            click.echo("stopped: sending again goes on", err=True)
            status = INTERRUPTED
        except ProblemsFound as error:
            tell_of(error.problems)
            status = _exit_status(error)
    return _status(sender, run, count or run.count, status)


def _status(sender: "Sender", run: "Progress", count: int, status: int) -> int:
    """Say how many were accepted; the exit status, which unknown deliveries decide."""
    name = sender.carrier.name
    if run.found:
        click.echo(f"{run.found:,} of an earlier run had been accepted, says {name}")
    if count:
        click.echo(f"{run.accepted:,} of {count:,} messages accepted by {name}")
    if run.rejected:
        click.echo(f"{run.rejected:,} rejected for good: see newsletter status")
    unknown = sender.unknown()
    if unknown:
        click.echo(f"{unknown:,} unknown: see newsletter status{_asking(sender)}", err=True)
        return UNKNOWN_REMAINS
    return status


def _asking(sender: "Sender") -> str:
    """What becomes of unknown deliveries by itself."""
    memory = sender.carrier.provider.memory
    if not memory.asks:
        return ""
    minutes = math.ceil(memory.settle_seconds / 60)
    when = f"; its “no” counts {minutes} minutes after an attempt" if minutes else ""
    return f"\n{sender.carrier.name} is asked about them by each send{when}"


@contextmanager
def _stopped_by_interrupts(sender: "Sender") -> Iterator[None]:
    """Ctrl-C ends a run after the batch that is on its way; a second one at once."""
    import signal

    def stop(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        click.echo("stopping after this batch; once more to stop at once", err=True)
        sender.stop.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
