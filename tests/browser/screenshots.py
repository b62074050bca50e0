"""`python -m tests.browser.screenshots FOLDER`: pages and mails as readers see them."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, Page

from tests.browser.mails import Sent, every, stripped
from tests.browser.publications import PUBLICATIONS
from tests.browser.sites import Site, site_of
from tests.browser.visiting import SCHEMES, VIEWS, View, visit, window
from tests.browser.visiting import chromium as browser_of_debian
from tests.conftest import REPOSITORY

README_PICTURE = REPOSITORY / "docs/article.png"
README_PAGE = "traits-vs-duck-typing.html"
MAIL_VIEWS = [View(width, scheme) for width in (320, 700) for scheme in SCHEMES]
LONGEST = 6000
"""Pixels of a page that are shown; the rest of a very long one is like it."""


def photograph(page: Page, target: Path) -> None:
    """The whole page, from its top."""
    height = page.evaluate("() => document.documentElement.scrollHeight")
    width = page.evaluate("() => document.documentElement.scrollWidth")
    clip = FloatRect(x=0, y=0, width=width, height=min(height, LONGEST))
    page.screenshot(path=target, full_page=True, clip=clip, animations="disabled")


def all_pages(browser: Browser, site: Site, folder: Path) -> int:
    """A picture of each page in each view: FOLDER/page-360-dark.png."""
    for view in VIEWS:
        with window(browser, view) as opened:
            for path in site.pages:
                name = path.removesuffix(".html").replace("/", "-")
                with opened.visit(f"{site.url}/{path}") as visited:
                    photograph(visited.page, folder / f"{name}-{view}.png")
    return len(site.pages) * len(VIEWS)


def all_mails(browser: Browser, mails: Sequence[Sent], folder: Path) -> int:
    """A picture of each mail, and of what is left of it without styles: mail-new-a-320-dark.png."""
    for view in MAIL_VIEWS:
        with window(browser, view) as opened:
            for mail in mails:
                for name, html in (
                    (view, mail.html),
                    (f"{view}-without-style", stripped(mail.html)),
                ):
                    (page := folder / "mail.html").write_text(html)
                    with opened.visit(page.as_uri()) as visited:
                        photograph(visited.page, folder / f"mail-{mail.name}-{name}.png")
                    page.unlink()
    return 2 * len(mails) * len(MAIL_VIEWS)


def readme_picture(browser: Browser, site: Site) -> None:
    with visit(browser, f"{site.url}/{README_PAGE}", View(1280)) as visited:
        visited.page.screenshot(path=README_PICTURE, animations="disabled")


def main(folder: Path) -> None:
    with browser_of_debian() as browser:
        for name, build in PUBLICATIONS.items():
            with tempfile.TemporaryDirectory() as root:
                build(Path(root))
                with site_of(Path(root)) as site:
                    (folder / name).mkdir(parents=True, exist_ok=True)
                    count = all_pages(browser, site, folder / name)
                    count += all_mails(browser, every(name, Path(root)), folder / name)
                    print(f"{folder / name}: {count} pictures")
                    if name == "own":
                        readme_picture(browser, site)
    print(f"{README_PICTURE.relative_to(REPOSITORY)}: the README's")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else REPOSITORY / "var/screenshots"))
