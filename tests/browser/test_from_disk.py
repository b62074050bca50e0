"""The series opens from the disk, page by page, as the author sees it first."""

from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, Page

from press import pipeline, series
from tests.browser.publications import own
from tests.browser.visiting import View, visit

ADDRESSES = """() => [...document.querySelectorAll("[href], [src]")].map(
  element => element.href || element.src)"""


def assert_files_are_there(page: Page) -> None:
    """From the disk a relative address is the name of a file, and `slug/` would be a folder."""
    for address in page.evaluate(ADDRESSES):
        if address.startswith("file:"):
            assert Path(unquote(urlsplit(address).path)).is_file(), address


def test_the_series_opens_from_the_disk(tmp_path: Path, browser: Browser) -> None:
    edition: pipeline.Edition = own(tmp_path)
    assert len(edition.site.articles) >= 5
    manuscripts, _, _ = series.read(tmp_path, edition.site.config)
    fences = {one.page: len(one.fences) for one in manuscripts}
    for published in edition.site.articles:
        article = published.article
        page_file = tmp_path / "site" / article.page
        with visit(browser, page_file.as_uri(), View()) as visited:
            assert not visited.complaints
            assert_files_are_there(visited.page)
            assert [unescape(one) for one in visited.page.locator("h1").all_inner_texts()] == [
                article.title
            ]
            # All that is proven is seen: no fence was swallowed by the block before it.
            assert visited.page.locator("figure.code").count() == fences[article.page]
