"""Every page by keyboard alone, on a phone's size and on a desk's."""

import pytest
from playwright.sync_api import Browser

from tests.browser import keyboard
from tests.browser.sites import Site
from tests.browser.visiting import WIDTHS, View, walk


@pytest.mark.parametrize("width", WIDTHS)
def test_the_tab_key_reaches_all_that_can_be_used_in_order_and_in_sight(
    width: int, site: Site, browser: Browser
) -> None:
    findings = walk(browser, site, View(width), lambda visited: keyboard.tabbing(visited.page))
    assert not findings, "\n".join(findings)


def test_the_first_link_skips_to_the_text(site: Site, browser: Browser) -> None:
    findings = walk(browser, site, View(), lambda visited: keyboard.skipping(visited.page))
    assert not findings, "\n".join(findings)
