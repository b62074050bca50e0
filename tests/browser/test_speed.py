"""How much a page loads, and what Lighthouse says of it on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from press import manifest
from tests.browser import checking
from tests.browser.sites import Site
from tests.browser.visiting import CHROMIUM, View, visit

LIMIT = 50 * 1024
"""Bytes of a first load, compressed, without images."""
RUNS = 4
"""Of Lighthouse, at most: a page that is slow is slow in each, a machine that is busy is not."""
REASON = checking.missing("node") or ("" if CHROMIUM else "chromium is not installed")


def articles(folder: Path) -> list[str]:
    return [article.path for article in manifest.load(folder).articles]


def test_the_first_load_of_an_article_is_light(site: Site, browser: Browser) -> None:
    heavy = {}
    for path in articles(site.folder):
        with visit(browser, f"{site.url}/{path}", View(360)) as visited:
            total = sum(visited.loaded())
        if total > LIMIT:
            heavy[path] = total
    assert not heavy


@pytest.mark.skipif(bool(REASON), reason=REASON)
@pytest.mark.parametrize("kind", ["series", "article", "search"])
def test_lighthouse_gives_full_marks(kind: str, own: Site) -> None:
    paths = {"series": "index.html", "article": articles(own.folder)[-1], "search": "search.html"}
    url = f"{own.url}/{paths[kind]}"
    findings = checking.lighthouse(url)
    # Its measure of speed is one of this machine too, which may be busy: the best of some counts.
    for _ in range(RUNS - 1):
        if not any(one.startswith("performance") for one in findings):
            break
        findings = checking.lighthouse(url)
    assert not findings, "\n".join(findings)
