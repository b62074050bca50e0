"""Every page on paper, from a screen that is light or dark."""

from playwright.sync_api import Browser

from tests.browser import printing
from tests.browser.sites import Site
from tests.browser.visiting import View, walk


def test_paper_has_all_that_is_to_be_read_and_nothing_else(site: Site, browser: Browser) -> None:
    findings = walk(browser, site, View(), lambda visited: printing.on_paper(visited.page))
    assert not findings, "\n".join(findings)
