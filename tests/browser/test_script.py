"""What a page can do besides being read, where scripts run."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from press.assets import PYODIDE
from tests.browser.publications import build
from tests.browser.sites import Site, site_of
from tests.browser.visiting import View, visit
from tests.conftest import NEWSLETTER, REPOSITORY, SERIES, Publication

PACKAGE = REPOSITORY / "tests/tools/node_modules/pyodide"

SESSION = """
```pycon
>>> 1 + 1
2
>>> for n in "ab":
...     print(n)
a
b
```

```text title="notes" del="2"
kept
taken out
```
"""
PAIR = """
```python
print("in Python")
```

```output
in Python
```

```rust skip="only looked at" beside
fn main() {}
```
"""
CHAIN = """
```python
import sys
word = "first"
```

```python continue
print(word, sys.version_info.major)
```

```output
first 3
```

```python
print(word)
```
"""
LONG = "## One\n\n{0}\n\n## Two\n\n{0}\n\n## Three\n\n{0}\n".format("Text.\n\n" * 40)
# Of which the name of one section may be no part of an address.
SECTION = "## Section {0}% {{#at-{0}%}}\n\n" + "Text.\n\n" * 9


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A series whose every page has something to click."""
    publication = Publication(tmp_path_factory.mktemp("scripted"))
    run = PACKAGE.is_dir()
    publication.write("series.toml", SERIES + f"[site]\nrun = {str(run).lower()}\n" + NEWSLETTER)
    if run:
        for name in PYODIDE:
            target = publication.write(f"templates/assets/pyodide/{name}", b"")
            shutil.copy(PACKAGE / name, target)
    publication.article("000-first", SESSION + PAIR)
    publication.article("001-second", PAIR + LONG)
    chain = CHAIN.replace("```python\nprint(word)", '```python raises="NameError"\nprint(word)')
    publication.article("002-third", chain)
    publication.article("003-fourth", "".join(SECTION.format(n) for n in range(100)))
    build(publication.root)
    with site_of(publication.root) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, scripted: Site) -> Iterator[Page]:
    """The first article, open; nothing that is done there may be complained of."""
    with visit(browser, f"{scripted.url}/first.html", View()) as visited:
        yield visited.page
        assert visited.complaints == []


def copied(page: Page, number: int) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.locator("button.copy").nth(number)
    button.click()
    expect(button).to_have_text("Copied")
    expect(page.get_by_role("status").last).to_have_text("Copied")
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_session_is_copied_as_one_would_type_it(page: Page) -> None:
    assert copied(page, 0) == '1 + 1\nfor n in "ab":\n    print(n)\n'


def test_lines_that_are_taken_out_are_not_copied(page: Page) -> None:
    assert copied(page, 1) == "kept\n"


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_the_theme_is_chosen_and_remembered(page: Page) -> None:
    before = background(page)
    button = page.get_by_role("button", name="Dark")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    assert background(page) != before
    # It is there before anything is painted: the script that sets it holds up the rest.
    page.add_init_script(
        "new MutationObserver(() => { if (document.body) window.early ??= "
        "document.documentElement.dataset.theme; })"
        ".observe(document, {childList: true, subtree: true});"
    )
    page.reload()
    assert page.evaluate("window.early") == "dark"
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    assert background(page) == before
    assert page.evaluate("localStorage.length") == 0  # as the system has it


def rust_is_first(page: Page) -> bool:
    boxes = [
        page.locator(f".side[data-language={name}]").bounding_box() for name in ("rust", "python")
    ]
    rust, python = (box for box in boxes if box)
    return rust["x"] < python["x"]


def test_the_language_that_one_sees_first_is_chosen_and_remembered(
    page: Page, scripted: Site
) -> None:
    assert not rust_is_first(page)
    page.get_by_role("button", name="Rust").click()
    assert rust_is_first(page)
    page.goto(f"{scripted.url}/second.html")
    assert rust_is_first(page)
    expect(page.get_by_role("button", name="Rust")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Python").click()
    assert not rust_is_first(page)
    expect(page.get_by_role("button", name="Rust")).to_have_attribute("aria-pressed", "false")


def languages(page: Page) -> list[str]:
    """Of the sides of the first pair, in the order of the document."""
    found = (
        page.locator(".pair")
        .first.locator(".side")
        .evaluate_all("sides => sides.map(side => side.dataset.language)")
    )
    return list(found)


def test_what_one_sees_first_comes_first_for_keys_and_on_paper(page: Page) -> None:
    assert languages(page) == ["python", "rust"]
    rust = page.get_by_role("button", name="Rust")
    rust.click()
    assert languages(page) == ["rust", "python"]
    page.reload()
    assert languages(page) == ["rust", "python"]
    rust.click()  # as the author has it
    assert languages(page) == ["python", "rust"]


def test_the_contents_show_where_one_is(page: Page, scripted: Site) -> None:
    page.goto(f"{scripted.url}/second.html")
    current = page.locator(".contents [aria-current]")
    expect(current).to_have_count(0)
    for name in ("Two", "Three", "One"):
        page.get_by_role("heading", name=name).evaluate("at => at.scrollIntoView()")
        expect(current).to_have_text(name)


def test_the_current_section_is_seen_in_a_long_list_of_contents(page: Page, scripted: Site) -> None:
    page.goto(f"{scripted.url}/fourth.html")
    for name in ("Section 95%", "Section 0%", "Section 50%"):
        page.get_by_role("heading", name=name, exact=True).evaluate("at => at.scrollIntoView()")
        current = page.locator(".contents [aria-current]")
        expect(current).to_have_text(name)
        expect(current).to_be_in_viewport(ratio=1)


def test_the_path_shows_what_was_read(page: Page, scripted: Site) -> None:
    page.goto(f"{scripted.url}/second.html")
    page.locator(".closing").evaluate("at => at.scrollIntoView()")
    page.wait_for_function("() => localStorage.getItem('proofpress:read:second')")
    page.goto(f"{scripted.url}/index.html")
    expect(page.locator(".path li[data-read]")).to_have_count(1)
    expect(page.locator(".path li", has_text="go on here").locator("a")).to_have_text("000-first")


def test_arrows_lead_to_the_neighbours_until_they_are_switched_off(
    page: Page, scripted: Site
) -> None:
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/second.html")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/first.html")
    page.get_by_role("button", name="Keys").click()
    page.keyboard.press("ArrowRight")
    page.reload()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Keys")).to_have_attribute("aria-pressed", "false")
    assert page.url == f"{scripted.url}/first.html"


def test_a_slash_leads_to_the_search_but_where_one_types(page: Page, scripted: Site) -> None:
    page.keyboard.press("/")
    page.wait_for_url("**/search.html")
    field = page.get_by_role("searchbox")
    field.fill("x")
    field.press("/")
    expect(field).to_have_value("x/")
    field.press("ArrowLeft")
    assert page.url.startswith(f"{scripted.url}/search.html")


@pytest.mark.skipif(not PACKAGE.is_dir(), reason="Pyodide is not here: npm ci --prefix tests/tools")
def test_examples_run_in_the_browser_each_by_itself(page: Page, scripted: Site) -> None:
    page.goto(f"{scripted.url}/third.html")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    example = page.locator(".example[data-run]")
    expect(example).to_have_count(3)
    for number, printed in ((1, "first 3\n"), (2, "NameError")):
        one = example.nth(number)
        one.get_by_role("button", name="Run").click()
        expect(one.get_by_role("button", name="Stop")).to_be_visible()
        expect(one.locator(".ran")).to_contain_text(printed, timeout=60_000)
        expect(one.get_by_role("button", name="Run")).to_be_visible()
    assert asked
    assert all(url.startswith(scripted.url) for url in asked)


def test_nothing_of_it_is_there_unless_it_is_wanted(own: Site) -> None:
    assert not list(Path(own.folder).glob("assets/run*"))
    assert "run.js" not in (own.folder / "concurrency.html").read_text()
