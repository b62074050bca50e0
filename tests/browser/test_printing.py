"""Every page on paper, from a screen that is light or dark."""

from playwright.sync_api import Browser, expect

from tests.browser import printing
from tests.browser.publications import build
from tests.browser.sites import Site, site_of
from tests.browser.visiting import View, visit, walk
from tests.conftest import Publication


def test_paper_has_all_that_is_to_be_read_and_nothing_else(site: Site, browser: Browser) -> None:
    findings = walk(browser, site, View(), lambda visited: printing.on_paper(visited.page))
    assert not findings, "\n".join(findings)


TABLE = "| left | right |\n|---|---|\n| abc | {} |\n".format("long " * 300)
PAIR = '```python skip="x"\n1\n```\n\n```rust beside skip="x"\nfn main() {}\n```\n'
LINES = """cells => cells.map(cell => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return new Set([...range.getClientRects()].map(one => one.top)).size;
})"""


def test_short_words_stay_whole_beside_long_cells_and_no_choice_is_offered(
    publication: Publication, browser: Browser
) -> None:
    publication.article("000-a", f"{TABLE}\n{PAIR}")
    build(publication.root)
    with site_of(publication.root) as site, visit(browser, f"{site.url}/a.html", View()) as seen:
        assert printing.on_paper(seen.page) == []
        assert seen.page.locator("th, td:first-child").evaluate_all(LINES) == [1, 1, 1]
        expect(seen.page.locator(".facts.first")).to_be_hidden()
