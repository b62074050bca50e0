"""An old address brings to the article's new one, without scripts."""

from playwright.sync_api import Browser

from tests.browser.sites import Site
from tests.browser.visiting import View, visiting


def test_old_addresses_bring_to_a_page_of_the_site(site: Site, browser: Browser) -> None:
    for path in site.redirects:
        with visiting(browser, View(scripts=False)) as visited:
            visited.page.goto(f"{site.url}/{path}")
            visited.page.wait_for_selector("main")
            assert visited.page.url.removeprefix(f"{site.url}/") in site.pages
