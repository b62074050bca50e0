"""Every page by keyboard alone, on a phone's size and on a desk's."""

import pytest
from playwright.sync_api import Browser

from tests.browser import keyboard
from tests.browser.sites import Site
from tests.browser.visiting import View, visit

SIZES = [View(width) for width in (360, 1280)]


@pytest.mark.parametrize("view", SIZES, ids=str)
def test_the_tab_key_reaches_all_that_can_be_used_in_order_and_in_sight(
    view: View, site: Site, browser: Browser
) -> None:
    findings = []
    for path in site.pages:
        with visit(browser, f"{site.url}/{path}", view) as visited:
            findings += [f"{path}: {one}" for one in keyboard.tabbing(visited.page)]
    assert not findings, "\n".join(findings)


def test_the_first_link_skips_to_the_text(site: Site, browser: Browser) -> None:
    findings = []
    for path in site.pages:
        with visit(browser, f"{site.url}/{path}", View()) as visited:
            findings += [f"{path}: {one}" for one in keyboard.skipping(visited.page)]
    assert not findings, "\n".join(findings)
