"""Every page at the size of a phone and of a desk, light and dark: nothing to complain of."""

import pytest
from playwright.sync_api import Browser

from tests.browser import looking
from tests.browser.sites import Site
from tests.browser.visiting import WIDTHS, View, Visit, walk


def seen(visited: Visit) -> list[str]:
    return [*looking.in_both_schemes(visited.page), *visited.complaints]


@pytest.mark.usefixtures("axe")
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_has_faults_that_can_be_seen(width: int, site: Site, browser: Browser) -> None:
    findings = walk(browser, site, View(width), seen)
    assert not findings, "\n".join(findings)
