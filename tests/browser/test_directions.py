"""A paragraph runs in the direction of its own script, whatever that of the page is."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.sites import site_of
from tests.browser.visiting import View, visit

# For each paragraph of some words: whether its first letter stands at the right end of its line.
FIRST_LETTERS = """() => [...document.querySelectorAll(".text > p:not([dir])")].map(paragraph => {
  const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  const text = walker.nextNode();
  const range = document.createRange();
  range.setStart(text, 0);
  range.setEnd(text, 1);
  const [letter, box] = [range.getBoundingClientRect(), paragraph.getBoundingClientRect()];
  return [text.data[0], box.right - letter.right < letter.left - box.left];
})"""


def test_each_paragraph_runs_in_its_own_direction(
    build: Callable[[str], Path], browser: Browser
) -> None:
    address = "scripts-of-the-world.html"
    with (
        site_of(build("everything")) as site,
        visit(browser, f"{site.url}/{address}", View()) as visited,
    ):
        found = dict(visited.page.evaluate(FIRST_LETTERS))
    at_the_right = {letter for letter, is_right in found.items() if is_right}
    assert at_the_right == {"ه", "פ"}
    assert len(found) > 5
