"""Chromium visits a page, at a size and in a scheme of colours, and what goes wrong is noted."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    sync_playwright,
)

from tests.browser.sites import Site

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
"""The same engine without all that shows it, which takes less than half the time; or the whole."""
FLAGS = [
    "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
LOCAL = ("http://127.0.0.1:", "file://", "data:", "blob:")
# Before anything of the page runs: a shift is told only to who listens.
LISTEN = """
window.shifts = [];
window.shiftObserver = new PerformanceObserver(list => window.shifts.push(...list.getEntries()));
window.shiftObserver.observe({type: "layout-shift", buffered: true});
"""
# Reads a page to its end, so that what is loaded late is loaded, and waits until that is drawn.
READ = """async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) scrollTo(0, y);
  for (const image of document.images) {
    image.scrollIntoView();
    await image.decode().catch(() => {});
  }
  scrollTo(0, 0);
  await document.fonts.ready;
  for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
}"""


Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS = (360, 1280)


@dataclass(frozen=True)
class View:
    """How a reader sees a page."""

    width: int = 1280
    scheme: Scheme = "light"
    scripts: bool = True

    def __str__(self) -> str:
        return f"{self.width}-{self.scheme}{'' if self.scripts else '-without-scripts'}"


VIEWS = [View(width, scheme) for width in WIDTHS for scheme in SCHEMES]


@dataclass
class Visit:
    """A page that is open, and what the browser has complained of since it was opened."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self._complain(f"error: {error}"))
        self.page.on("request", self._asked)
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def _complain(self, complaint: str) -> None:
        if complaint not in self.complaints:
            self.complaints.append(complaint)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            where = urlsplit(message.location["url"]).path
            text = message.text.split(". ")[0]
            self._complain(f"console: {text} ({where})")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(LOCAL):
            self._complain(f"third party: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left meanwhile
            self._complain(f"request failed: {request.url} ({request.failure})")

    def _answered(self, answer: Response) -> None:
        self.answers.append(answer)
        if answer.status >= 400:
            self._complain(f"request failed: {answer.url} ({answer.status})")

    def loaded(self) -> list[int]:
        """The bytes of each answer as they came, compressed; images are left out."""
        return [
            answer.request.sizes()["responseBodySize"]
            for answer in self.answers
            if answer.request.resource_type != "image"
        ]


Judge = Callable[[Visit], list[str]]
"""An open page -> what is wrong with it."""


def sandbox() -> list[str]:
    """A root has no sandbox of Chromium's; and the pages are our own."""
    return ["--no-sandbox"] if os.getuid() == 0 else []


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's own, without a window. Names of hosts lead nowhere but here."""
    nowhere = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, *sandbox(), nowhere]
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True)
class Window:
    """A profile of its own, in which pages are opened one after the other."""

    context: BrowserContext
    view: View

    @contextmanager
    def visit(self, url: str) -> Iterator[Visit]:
        """A page that is loaded; with scripts on, one that was read to its end."""
        with self.context.new_page() as page:
            visited = Visit(page)
            visited.listen()
            page.goto(url, wait_until="load")
            if self.view.scripts:
                page.evaluate(READ)
            yield visited


@contextmanager
def window(browser: Browser, view: View) -> Iterator[Window]:
    context = browser.new_context(
        viewport={"width": view.width, "height": 800},
        color_scheme=view.scheme,
        java_script_enabled=view.scripts,
        reduced_motion="reduce",
    )
    try:
        context.add_init_script(LISTEN)
        yield Window(context, view)
    finally:
        context.close()


@contextmanager
def visit(browser: Browser, url: str, view: View) -> Iterator[Visit]:
    """A page that is opened in a window for itself: nothing of it is in a cache."""
    with window(browser, view) as opened, opened.visit(url) as visited:
        yield visited


def walk(browser: Browser, site: Site, view: View, judge: Judge) -> list[str]:
    """What a judge says of each page of a site, which is all that may be wrong with it."""
    with window(browser, view) as opened:
        return [f"{path}: {one}" for path in site.pages for one in _ask(opened, site, path, judge)]


def _ask(opened: Window, site: Site, path: str, judge: Judge) -> list[str]:
    with opened.visit(f"{site.url}/{path}") as visited:
        return judge(visited)
