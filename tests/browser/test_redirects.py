"""An old address brings to the article's new one, without scripts."""

from playwright.sync_api import Browser

from tests.browser.sites import Site
from tests.browser.visiting import View, window


def test_old_addresses_bring_to_a_page_of_the_site(site: Site, browser: Browser) -> None:
    with window(browser, View(scripts=False)) as opened:
        for path in site.redirects:
            with opened.visit(f"{site.url}/{path}") as visited:
                visited.page.wait_for_selector("main")
                assert visited.page.url.removeprefix(f"{site.url}/") in site.pages
