"""What scripts say, in a page that is not in English."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.publications import build
from tests.browser.sites import Site, site_of
from tests.browser.visiting import View, visit
from tests.conftest import NEWSLETTER, SERIES, Publication

CODE = "```python\nprint(1)\n```\n\nzwiebel\n"


@pytest.fixture(scope="module", params=["de", "ar"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def spoken(language: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A series of three parts in a language."""
    publication = Publication(tmp_path_factory.mktemp(language))
    publication.write("series.toml", SERIES.replace('"en"', f'"{language}"') + NEWSLETTER)
    for name in ("000-a", "001-b", "002-c"):
        publication.article(name, CODE)
    build(publication.root)
    with site_of(publication.root) as opened:
        yield opened


def test_buttons_speak_it(browser: Browser, spoken: Site, language: str) -> None:
    copy, keys = {"de": ("Kopieren", "Tasten ← → /"), "ar": ("نسخ", "المفاتيح ← → /")}[language]
    with visit(browser, f"{spoken.url}/a.html", View()) as visited:
        expect(visited.page.locator("button.copy")).to_have_text(copy)
        expect(visited.page.locator(".colophon button")).to_have_text(keys)
        assert visited.complaints == []


def test_the_search_counts_in_it(browser: Browser, spoken: Site, language: str) -> None:
    pytest.importorskip("pagefind", reason="pagefind is not installed")
    found, none = {
        "de": ("3 Teile enthalten „zwiebel“:", "Nirgends steht „qqq“."),
        "ar": ("3 أجزاء فيها «zwiebel»:", "لا شيء فيه «qqq»."),
    }[language]
    with visit(browser, f"{spoken.url}/search.html?q=zwiebel", View()) as visited:
        expect(visited.page.locator("#page\\:found")).to_have_text(found)
        visited.page.get_by_role("searchbox").fill("qqq")
        expect(visited.page.locator("#page\\:found")).to_have_text(none)
