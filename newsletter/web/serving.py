"""Runs the app: what answers, what writes, and what sends the mails that were asked for."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread

from newsletter import arriving
from newsletter.compose import composer
from newsletter.connecting import connect
from newsletter.corresponding import Correspondent
from newsletter.http import Refused
from newsletter.opening import journal_of
from newsletter.place import Place
from newsletter.store.database import Database
from newsletter.web import options, replies, stamps
from newsletter.web.desk import LOGGER as LOGGER
from newsletter.web.desk import Desk, Published, log
from newsletter.web.guard import Taps
from newsletter.writing import Writer
from press import config
from press.config import Config, Newsletter
from press.problems import Code, Problem, ProblemsFound

IDLE, TIRED = 5.0, 60.0
"""Seconds to wait when there is nothing to send, or when the provider takes nothing."""

TIDY_EVERY = 3600.0


def newsletter_of(settings: Config) -> Newsletter:
    """Raises ProblemsFound where series.toml lacks what the app needs."""
    found = settings.newsletter
    if found is None or not found.app_url:
        message = "there is no `app-url` in [newsletter], where subscribers find this"
        hint = 'app-url = "https://news.example.org": see docs/subscribing.md'
        raise ProblemsFound([Problem("series.toml", 0, 0, Code.MISSING_VALUE, message, hint)])
    return found


@contextmanager
def desk(place: Place, database: Database) -> Iterator[Desk]:
    """All that the app needs, until it ends. Raises ProblemsFound for settings that are wrong."""
    settings = config.load(place.root)
    newsletter = newsletter_of(settings)
    found = options.read(newsletter.options.get("serve", {}))
    keys = stamps.keys()
    with database.transaction() as connection:
        journal = journal_of(place, connection)
    writer = Writer(database)
    writer.start()
    try:
        yield Desk(
            place.root, settings, newsletter, Published(place.root / "site"), database, writer,
            journal, replies.pages(place.root, settings), found, Taps(found.posts),
            stamps.stamps(keys, "shown"), stamps.stamps(keys, "session"),
            lambda: datetime.now(UTC),
        )  # fmt: skip
    finally:
        writer.close()


@contextmanager
def correspondence(place: Place, made: Desk) -> Iterator[None]:
    """Decide what is asked and send what follows, beside what answers."""
    name = made.newsletter.provider
    provider = connect(name, place, made.newsletter.options.get(name))
    composed = composer(place.root, made.config, made.published.now())
    sender = Correspondent(made.database, provider, composed, made.clock)
    stop = Event()
    thread = Thread(target=_correspond, args=(made, sender, stop), name="correspondent")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        made.wake.set()
        thread.join()


def _correspond(made: Desk, sender: Correspondent, stop: Event) -> None:
    wait, tidied = 0.0, -TIDY_EVERY
    while not stop.is_set():
        made.wake.wait(wait)
        made.wake.clear()
        if stop.is_set():
            break
        if (now := time.monotonic()) - tidied >= TIDY_EVERY:
            tidied = now
            made.writer.do(lambda connection: arriving.tidy(connection, made.now()))
        wait = _turn(made, sender)


def _turn(made: Desk, sender: Correspondent) -> float:
    """Decide some and send some; how long to wait for more, in seconds."""
    try:
        decided = made.writer.do(lambda c: arriving.decide(c, made.options.limits, made.now()))
        if decided.is_full:
            log.warning("alarm: strangers asked for as many mails as may be sent in an hour; "
                        "the others wait")  # fmt: skip
        sent = sender.send()
    except Refused as error:
        log.error("mails wait: %s", error)
        return TIRED
    except ProblemsFound as error:
        log.error("%s", error)
        return IDLE
    except Exception:  # noqa: BLE001  # the next mail must not wait for ever
        log.exception("mails wait: this is a fault of ours")
        return TIRED
    return 0.0 if decided.count or sent else IDLE


def run(place: Place, database: Database, host: str, port: int, threads: int) -> None:
    """Answer until asked to stop (SIGINT, SIGTERM): then finish what has begun."""
    from waitress.server import create_server

    from newsletter.web.app import make

    with desk(place, database) as made, correspondence(place, made):
        server = create_server(
            make(made), host=host, port=port, threads=threads, ident=None,
            channel_timeout=30, cleanup_interval=10, connection_limit=1000,
            max_request_body_size=2_000_000, max_request_header_size=32_768,
        )  # fmt: skip
        signal.signal(signal.SIGTERM, _interrupt)
        log.info("answering at http://%s:%s", host, getattr(server, "effective_port", port))
        server.run()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
