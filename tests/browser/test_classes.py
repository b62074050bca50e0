"""What authors call their blocks changes nothing of a page: no name of ours is taken for theirs."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from press.root import OURS
from tests.browser.publications import build
from tests.browser.sites import Site, site_of
from tests.browser.visiting import View, visit
from tests.conftest import NEWSLETTER, SERIES, Publication

STYLE = (OURS / "assets/style.css").read_text() + (OURS / "assets/content.css").read_text()
OF_ARTICLES = {
    "left", "right", "center", "table", "heading", "formula", "footnote", "pair", "ready", "task",
    "warning", "caution", "danger", "attention", "important", "error", "admonition",
}  # fmt: skip
"""What an article's own HTML may well say, and kinds of admonition that have a style."""
NAMES = sorted(set(re.findall(r"(?<!\d)\.([a-z]+)(?=[\s,:.{)\[>])", STYLE)) - OF_ARTICLES)
LOOKS = """blocks => blocks.map(block => {
  const style = getComputedStyle(block);
  const names = ["visibility", "display", "position", "fontFamily", "fontSize", "color",
    "backgroundColor", "padding", "border", "width", "opacity"];
  return JSON.stringify(names.map(name => style[name]));
})"""


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    publication = Publication(Path(tmp_path_factory.mktemp("named")))
    publication.write("series.toml", SERIES + NEWSLETTER)
    blocks = "".join(f'!!! {name} "A title"\n    Text.\n\n' for name in ["other", *NAMES])
    publication.article("000-a", blocks)
    build(publication.root)
    with site_of(publication.root) as opened:
        yield opened


@pytest.mark.parametrize("media", ["screen", "print"])
def test_an_admonition_of_any_name_looks_like_one(
    media: str, named: Site, browser: Browser
) -> None:
    assert {"note", "example", "search", "hidden"} <= set(NAMES)
    with visit(browser, f"{named.url}/a.html", View()) as visited:
        visited.page.emulate_media(media="print" if media == "print" else "screen")
        looks = visited.page.locator(".admonition").evaluate_all(LOOKS)
    assert len(looks) == len(NAMES) + 1
    found = zip(NAMES, looks[1:], strict=True)
    assert [name for name, look in found if look != looks[0]] == []
