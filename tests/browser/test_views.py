"""Every page at the size of a phone and of a desk, light and dark: nothing to complain of."""

import pytest
from playwright.sync_api import Browser

from tests.browser import looking
from tests.browser.sites import Site
from tests.browser.visiting import VIEWS, View, Visit, walk


def seen(visited: Visit) -> list[str]:
    return [*looking.all_of(visited.page), *visited.complaints]


@pytest.mark.usefixtures("axe")
@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_no_page_has_faults_that_can_be_seen(view: View, site: Site, browser: Browser) -> None:
    findings = walk(browser, site, view, seen)
    assert not findings, "\n".join(findings)


def test_text_is_read_in_the_direction_of_its_language_and_code_from_the_left(
    site: Site, browser: Browser
) -> None:
    findings = walk(browser, site, View(), lambda visited: looking.astray(visited.page))
    assert not findings, "\n".join(findings)
