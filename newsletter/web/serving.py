"""Runs the app: what answers, what writes, and what sends the mails that were asked for."""

import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from threading import Event, Thread

from newsletter import arriving, gates
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

IDLE, TIRED, PAUSE = 5.0, 60.0, 0.2
"""Seconds to wait when there is nothing to send, when the provider takes nothing, and between."""

HOUR = 3600.0


def newsletter_of(settings: Config) -> Newsletter:
    """Raises ProblemsFound where series.toml lacks what the app needs."""
    found = settings.newsletter
    if found is None or not found.app_url:
        message = "there is no `app-url` in [newsletter], where subscribers find this"
        hint = 'app-url = "https://news.example.org": see docs/subscribing.md'
        raise ProblemsFound([Problem("series.toml", 0, 0, Code.MISSING_VALUE, message, hint)])
    return found


def desk(place: Place, database: Database) -> Desk:
    """All that the app needs. Raises ProblemsFound for settings that are wrong."""
    settings = config.load(place.root)
    newsletter = newsletter_of(settings)
    found = options.read(newsletter.options.get("serve", {}))
    keys = stamps.keys()
    with database.transaction() as connection:
        journal = journal_of(place, connection)
    return Desk(
        place.root, settings, newsletter, Published(place.root / "site"), database,
        Writer(database), journal, replies.pages(place.root, settings), found, Taps(found.posts),
        stamps.stamps(keys, "shown"), stamps.stamps(keys, "session"),
        lambda: datetime.now(UTC),
    )  # fmt: skip


@contextmanager
def correspondence(place: Place, made: Desk) -> Iterator[None]:
    """Decide what is asked and send what follows, beside what answers."""
    name = made.newsletter.provider
    provider = connect(name, place, made.newsletter.options.get(name))
    composed = composer(place.root, made.config, made.published.now())
    sender = Correspondent(made.writer, provider, composed, made.clock)
    stop = Event()
    thread = Thread(target=_Correspondence(made, sender, stop).run, name="correspondent")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        made.wake.set()
        thread.join()


@dataclass(slots=True)
class _Correspondence:
    """Decides what is asked, and sends what follows, again and again until it is stopped."""

    desk: Desk
    sender: Correspondent
    stop: Event
    tidied: float = -HOUR
    alarmed: float = -HOUR

    def run(self) -> None:
        is_tired = False
        while not self.stop.is_set():
            is_tired = self._turn_is_refused()
            if is_tired:
                self.stop.wait(TIRED)
            else:
                self.desk.wake.wait(IDLE)
                self.stop.wait(PAUSE)  # who asks in this time is decided with the others
            self.desk.wake.clear()

    def _turn_is_refused(self) -> bool:
        try:
            self._tidy()
            while not self.stop.is_set() and self._decide() + self.sender.send():
                pass
        except (Refused, ProblemsFound) as error:
            log.error("mails wait: %s", error)
        except Exception:  # noqa: BLE001  # the next mail must not wait for ever
            log.exception("mails wait: this is a fault of ours")
        else:
            return False
        return True

    def _decide(self) -> int:
        """Decide some asks; how many."""
        how = partial(arriving.decide, limits=self.desk.options.limits, now=self.desk.now())
        decided = self.desk.writer.do(how)
        if decided.is_full and time.monotonic() - self.alarmed > HOUR:
            self.alarmed = time.monotonic()
            log.warning("alarm: strangers asked for as many mails as may be sent in an hour: "
                        "those to come wait")  # fmt: skip
        return decided.count

    def _tidy(self) -> None:
        if time.monotonic() - self.tidied >= HOUR:
            self.tidied = time.monotonic()
            self.desk.writer.do(partial(arriving.tidy, now=self.desk.now()))


def run(
    place: Place,
    database: Database,
    host: str,
    port: int,
    threads: int,
    *,
    with_admin: bool = False,
) -> None:
    """Answer until asked to stop (SIGINT, SIGTERM): then finish what has begun."""
    from waitress.server import create_server

    from newsletter.web import admin
    from newsletter.web.app import make

    if with_admin:
        admin.require_token()
    made = desk(place, database)
    _look_at_ledger(made)
    with correspondence(place, made):
        answers = make(made, with_admin=with_admin)
        with _listening(host, port):
            server = create_server(
                answers, host=host, port=port, threads=threads,
                ident=None, channel_timeout=30, cleanup_interval=10, connection_limit=1000,
                max_request_body_size=2_000_000, max_request_header_size=32_768,
                clear_untrusted_proxy_headers=False,  # the app believes as many as are in front
            )  # fmt: skip
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that all are busy is no fault
        signal.signal(signal.SIGTERM, _interrupt)
        log.info("answering at http://%s:%s", host, getattr(server, "effective_port", port))
        server.run()


def _look_at_ledger(made: Desk) -> None:
    """Who comes is let in, and who leaves let go, by an older ledger as well; but it is told."""
    try:
        with made.database.transaction() as connection:
            gates.Ledger(made.database, made.journal).require(connection)
    except gates.Shut as error:
        log.error("nothing can be sent: %s", error)


@contextmanager
def _listening(host: str, port: int) -> Iterator[None]:
    """Turn what keeps a server from listening at an address into a Problem."""
    try:
        yield
    except (OSError, ValueError) as error:  # a name that is no host's is a ValueError of waitress
        reason = getattr(error, "strerror", None) or "there is no such host"
        message, hint = f"can't listen here: {reason}", "choose another --port or --host"
        problem = Problem(f"{host}:{port}", 0, 0, Code.REFUSED, message, hint)
        raise ProblemsFound([problem]) from None


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
