"""What has to be true before anything is handed over: each gate that is shut is a Problem."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

from newsletter.http import Refused, Request, Response
from newsletter.journal import Journal
from newsletter.store import identity
from newsletter.store.database import Connection, Database
from press.config import Newsletter
from press.manifest import Entry, Manifest
from press.problems import Code, Problem, ProblemsFound
from press.root import typed

SAMPLE = "proofpress-check"
"""Stands for a token where the address for leaving is tried: it is nobody's."""

Fetch = Callable[[str], Response]
"""An absolute address -> what is there. Raises Refused where nothing answers."""


class Shut(ProblemsFound):
    """A gate is shut: nothing was handed over."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The gates that a ledger has of its own."""

    database: Database
    journal: Journal

    def require(self, connection: Connection) -> None:
        """Raise Shut unless this ledger may send from here, and knows all that it should."""
        if problems := list(self._problems(connection)):
            raise Shut(problems)

    def require_again(self, connection: Connection) -> None:
        """Raise Shut if an older ledger lies in the place of the one that was asked before."""
        if not identity.remembers(connection, self.journal.newest_first(), 1):
            raise Shut([self._older()])

    def _older(self) -> Problem:
        message = "this ledger is older than its journal: it has forgotten what was done since"
        hint = f"{typed()} newsletter reconcile gives it back what it forgot"
        return _problem(self.database, message, hint)

    def _problems(self, connection: Connection) -> Iterator[Problem]:
        if gone := _gone(self.database, connection):
            yield gone
        elif identity.home(connection)[0] != self.database.home(connection):
            message = "this ledger was made elsewhere: it may be a copy of one that is in use"
            hint = f"if it is the one to go on with: {typed()} newsletter adopt"
            yield _problem(self.database, message, hint)
        if not identity.remembers(connection, self.journal.newest_first()):
            yield self._older()
        elif self._lacks_journal(connection):
            message = f"nothing of what this ledger has sent is in its journal, {self.journal.path}"
            hint = (
                "PROOFPRESS_JOURNAL names the folder where that is; if it is lost, and this is "
                f"no older copy of the ledger: {typed()} newsletter adopt"
            )
            yield _problem(self.database, message, hint)

    def _lacks_journal(self, connection: Connection) -> bool:
        """Whether nothing could tell that this ledger is an older copy.

        Those who share a database on a server have a journal each, which may be new.
        """
        is_alone = connection.dialect.name == "sqlite"
        return is_alone and identity.has_tried(connection) and not self.journal.has_what_was_tried()


def require_current(database: Database, connection: Connection) -> None:
    """Raise Shut if another ledger goes on from this one: what is written here would be lost."""
    if gone := _gone(database, connection):
        raise Shut([gone])


def _gone(database: Database, connection: Connection) -> Problem | None:
    moved_to = identity.home(connection)[1]
    if not moved_to:
        return None
    message = f"this ledger goes on elsewhere: {moved_to}"
    return _problem(database, message, "set PROOFPRESS_LEDGER to that; or newsletter adopt")


def _problem(database: Database, message: str, hint: str) -> Problem:
    return Problem(database.name, 0, 0, Code.REFUSED, message, hint)


def settings(newsletter: Newsletter) -> Iterator[Problem]:
    """What a mail that leaves this machine needs."""
    if not newsletter.unsubscribe_url:
        message = "there is no `unsubscribe-url`: mail needs a way to leave in one click (RFC 8058)"
        hint = 'unsubscribe-url = "https://news.example.org/unsubscribe/{token}"'
        yield Problem("series.toml", 0, 0, Code.MISSING_VALUE, message, hint)


def live(
    fetch: Fetch, newsletter: Newsletter, manifest: Manifest, articles: Iterable[Entry]
) -> Iterator[Problem]:
    """Whether what a mail leads to is there: each article's page as it was built; the way out."""
    for article in articles:
        if why := _page_differs(fetch, article, manifest.files.get(article.path, "")):
            hint = "deploy the site, and wait until it is live; --no-verify sends all the same"
            yield Problem(article.url, 0, 0, Code.REFUSED, why, hint)
    if newsletter.unsubscribe_url:
        address = newsletter.unsubscribe_url.replace("{token}", SAMPLE)
        if why := _no_answer(fetch, address):
            hint = "mend what answers there; --no-verify sends all the same"
            yield Problem(newsletter.unsubscribe_url, 0, 0, Code.REFUSED, why, hint)


def _page_differs(fetch: Fetch, article: Entry, expected: str) -> str:
    try:
        found = fetch(article.url)
    except Refused as error:
        return f"the article's page can't be seen: {error.detail}"
    if found.status != 200:
        return f"the article's page answers with {_said(found)}"
    if sha256(found.body).hexdigest() != expected:
        return "the article's page is not the one that was built"
    return ""


def _no_answer(fetch: Fetch, address: str) -> str:
    try:
        found = fetch(address)
    except Refused as error:
        return f"the way to leave can't be seen: {error.detail}"
    return "" if found.status == 200 else f"the way to leave answers with {_said(found)}"


def _said(found: Response) -> str:
    """The status of an answer, and where it leads if it is elsewhere."""
    elsewhere = found.headers.get("location", "") if 300 <= found.status < 400 else ""
    plain = "".join(char for char in elsewhere if char.isprintable())[:200]
    return f"status {found.status}{f', which leads to {plain}' if plain else ''}"


def fetch(address: str) -> Response:
    """What is at an absolute address now, whatever caches between have."""
    return ask(address, Request("GET", "", headers={"Cache-Control": "no-cache"}))


def ask(address: str, request: Request) -> Response:
    """What is said at an absolute address to a request, whose path is that address's."""
    from urllib.parse import urlsplit

    from newsletter.transport import Link

    parts = urlsplit(address)
    path = parts._replace(scheme="", netloc="").geturl() or "/"
    return Link().send(f"{parts.scheme}://{parts.netloc}", replace(request, path=path))
