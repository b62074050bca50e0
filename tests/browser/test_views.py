"""Every page at the size of a phone and of a desk, light and dark: nothing to complain of."""

import pytest
from playwright.sync_api import Browser

from tests.browser import looking
from tests.browser.looking import NAME
from tests.browser.sites import Site
from tests.browser.visiting import VIEWS, View, visit


@pytest.mark.usefixtures("axe")
@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_no_page_has_faults_that_can_be_seen(view: View, site: Site, browser: Browser) -> None:
    findings = []
    for path in site.pages:
        with visit(browser, f"{site.url}/{path}", view) as visited:
            found = looking.all_of(visited.page)
            findings += [f"{path}: {one}" for one in (*visited.complaints, *found)]
    assert not findings, "\n".join(findings)


# Code is read from the left in every language; all else as the language that is declared.
ASTRAY = f"""() => {{
  {NAME}
  const direction = element => getComputedStyle(element).direction;
  const wanted = ["ar", "fa", "he", "ur"].includes(document.documentElement.lang) ? "rtl" : "ltr";
  const text = [document.documentElement, document.body, document.querySelector("main")];
  const found = text.filter(element => direction(element) !== wanted);
  const code = [...document.querySelectorAll("pre, code")];
  found.push(...code.filter(element => direction(element) !== "ltr"));
  return [...new Set(found.map(one => `${{name(one)}} is read from the wrong side`))];
}}"""


def test_text_is_read_in_the_direction_of_its_language_and_code_from_the_left(
    site: Site, browser: Browser
) -> None:
    findings = []
    for path in site.pages:
        with visit(browser, f"{site.url}/{path}", View()) as visited:
            findings += [f"{path}: {one}" for one in visited.page.evaluate(ASTRAY)]
    assert not findings, "\n".join(findings)
