"""The pages of a preview beside the site: what it shows, each feed and each mail, for the eye.

What a feed or a mail has stands in a frame that runs nothing, as a reader's program would show it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from press import elements, feedreading, feeds, hosting, livereload, overlay
from press.problems import ProblemsFound
from press.rebuilding import Result

FEEDS, MAILS = "/__feed/", "/__mail/"
WHOLE = "body.html"
"""What the content of a mail is called in its address."""
FRAMED = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
        "style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""The headers of what is shown in a frame: others wrote it, so it may do nothing."""
HTML = "text/html; charset=utf-8"


class Letter(Protocol):
    """A mail as one reader has it."""

    @property
    def subject(self) -> str: ...
    @property
    def headers(self) -> Sequence[tuple[str, str]]: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def raw(self) -> bytes:
        """As it goes to a server."""
        ...


class Sample(Protocol):
    """A mail that can be shown."""

    @property
    def name(self) -> str:
        """In addresses."""
        ...

    @property
    def title(self) -> str: ...
    @property
    def make(self) -> Callable[[], Letter]:
        """Raises ProblemsFound."""
        ...


Mails = Callable[[Path, Mapping[str, bytes]], Sequence[Sample]]
"""A publication and the files of its site -> the mails that it can send. Raises ProblemsFound."""


@dataclass(frozen=True, slots=True)
class Showing:
    """What can be shown of one build."""

    root: Path
    result: Result
    state: livereload.State
    mails: Mails | None = field(repr=False)

    def page(self, path: str) -> hosting.Served | None:
        """The page at a decoded path; None where there is none."""
        if path == overlay.HOME:
            return self._own("index.html", {"result": self.result, "feeds": FEEDS, "mails": MAILS})
        if path.startswith(FEEDS):
            return self._feeds(path.removeprefix(FEEDS))
        if path.startswith(MAILS):
            try:
                return self._mails(path.removeprefix(MAILS))
            except ProblemsFound as error:
                return self._own("problems.html", {"title": "Mails", "found": error.problems})
        return None

    def stopped(self) -> hosting.Served:
        """What stands for any page of a site that could not be built yet."""
        page = self._own("stopped.html", {"problems": self.result.problems})
        return replace(page, status=HTTPStatus.SERVICE_UNAVAILABLE)

    def _own(self, template: str, values: Mapping[str, object]) -> hosting.Served:
        return overlay.page(template, values, self.result, self.state)

    def _feeds(self, name: str) -> hosting.Served | None:
        files = self.result.files or {}
        if not name:
            found = sorted(
                filter(feeds.media_type, files), key=lambda path: (path.count("/"), path)
            )
            return self._own("feeds.html", {"paths": found})
        path, _, number = name.partition("//")
        if feeds.media_type(path) is None or path not in files:
            return None
        try:
            feed = feedreading.read(files[path])
        except ValueError as error:
            return self._own("feed.html", {"path": path, "feed": None, "error": str(error)})
        if not number:
            return self._own("feed.html", {"path": path, "feed": feed, "error": ""})
        entries = {str(place): entry for place, entry in enumerate(feed.entries)}
        return self._framed(entries[number].html) if number in entries else None

    def _mails(self, name: str) -> hosting.Served | None:
        every = self.mails(self.root, self.result.files or {}) if self.mails else ()
        if not name:
            return self._own("mails.html", {"samples": every})
        which, _, part = name.partition("/")
        sample = next((one for one in every if one.name == which), None)
        return self._mail(sample, part) if sample else None

    def _mail(self, sample: Sample, part: str) -> hosting.Served | None:
        letter = sample.make()
        if part == "":
            return self._own("mail.html", {"sample": sample, "letter": letter, "whole": WHOLE})
        if part == WHOLE:
            return self._framed(letter.html)
        if part == f"{sample.name}.eml":
            return hosting.Served(letter.raw, "message/rfc822", more=FRAMED)
        return None

    def _framed(self, html: str) -> hosting.Served:
        """HTML for a frame. Links of the site lead to what is previewed, in a window of its own."""
        html = elements.relink(html, partial(_local, self.result.url, self.result.base))
        head = "<head>" if "<head>" in html else ""
        target = '<base target="_blank">'
        html = html.replace("<head>", f"<head>{target}", 1) if head else f"{_BARE}{target}\n{html}"
        return hosting.Served(html.encode(), HTML, more=FRAMED)


_BARE = '<!doctype html>\n<meta charset="utf-8">\n<meta name="color-scheme" content="light dark">\n'


def _local(url: str, base: str, address: str) -> str:
    """The address of what is previewed, where it is one of the site."""
    return base + address.removeprefix(f"{url}/") if address.startswith(f"{url}/") else address
