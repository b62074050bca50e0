"""`python -m tests.browser.screenshots FOLDER`: the pages as readers see them."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, Page

from tests.browser.publications import PUBLICATIONS
from tests.browser.sites import Site, site_of
from tests.browser.visiting import VIEWS, View, visit, window
from tests.browser.visiting import chromium as browser_of_debian
from tests.conftest import REPOSITORY

README_PICTURE = REPOSITORY / "docs/article.png"
README_PAGE = "traits-vs-duck-typing.html"
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
                    print(f"{folder / name}: {count} pictures")
                    if name == "own":
                        readme_picture(browser, site)
    print(f"{README_PICTURE.relative_to(REPOSITORY)}: the README's")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else REPOSITORY / "var/screenshots"))
