"""The search: an index by the real Pagefind, and a page that searches it if there is one."""

import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from press import making, pipeline, searching
from press.model import OutputFile
from tests.browser.visiting import CHROMIUM
from tests.conftest import NOW, Publication

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytest.importorskip("pagefind")

TITLE = "'Iterators & <generics> \"q\"'"


def pages(*texts: str) -> list[OutputFile]:
    head = '<!doctype html><html lang="en"><title>T</title><body>'
    return [
        OutputFile(f"{n}.html", f"{head}<main data-pagefind-body><h1>T</h1>{text}</main>".encode())
        for n, text in enumerate(texts)
    ]


MANY = pages(*(f"<p>word{n} trait ownership {n * n}</p>" for n in range(50)))


def test_the_same_pages_make_the_same_index(tmp_path: Path) -> None:
    first, second = (searching.index(MANY, tmp_path / name) for name in "ab")
    assert first == second
    assert first.warning == ""
    names = {one.path for one in first.files}
    assert {"pagefind/pagefind.js", "pagefind/pagefind-entry.json"} <= names
    assert not [name for name in names if "ui" in name]


def test_it_is_made_once(tmp_path: Path) -> None:
    before = searching.index(MANY, tmp_path)
    assert searching.index(MANY, tmp_path, ["no such command"]) == before


def test_without_a_folder_to_make_it_in_there_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no such folder"))
    assert searching.index(MANY, tmp_path) == searching.Indexed(
        (), "the site has no search: No such file or directory"
    )


def test_it_is_made_again_when_a_page_changes(tmp_path: Path) -> None:
    before = searching.index(pages("<p>one</p>"), tmp_path)
    assert searching.index(pages("<p>two</p>"), tmp_path) != before
    assert len(list(tmp_path.iterdir())) == 1


def test_what_is_kept_and_can_not_be_read_is_made_again(tmp_path: Path) -> None:
    before = searching.index(MANY, tmp_path)
    [path] = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:1000])
    assert searching.index(MANY, tmp_path) == before


FAILING = {
    "import sys; sys.exit('said no')": "pagefind ended with status 1, and said: said no",
    "import os; os.abort()": "pagefind ended with status -6",
    "import time; time.sleep(100)": "pagefind was still running after 0.2 seconds",
}


@pytest.mark.parametrize("program", FAILING)
def test_a_pagefind_that_fails_is_a_warning(
    tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "SECONDS", 0.2 if "sleep" in program else 60)
    found = searching.index(MANY, tmp_path, [sys.executable, "-c", program])
    assert found.files == ()
    assert found.warning.startswith(f"the site has no search: {FAILING[program]}")


def test_a_pagefind_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    found = searching.index(MANY, tmp_path, [str(tmp_path / "none")])
    assert found.warning == "the site has no search: No such file or directory"


def test_where_it_is_not_installed_nobody_is_warned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    assert searching.index(MANY, tmp_path) == searching.Indexed()


# The site.


@pytest.fixture
def series(publication: Publication) -> Publication:
    publication.article("000-a", "## Borrowing rules\n\nA trait.\n\n### Deeper ελ\n\nText.\n")
    publication.article("001-b", "## Trait objects\n\nOf `<T>`.\n", title=TITLE)
    return publication


def site(publication: Publication, search: making.Search | None) -> dict[str, str]:
    edition = pipeline.make(publication.root, NOW, pipeline.Wish(search=search))
    return {one.path: one.content.decode(errors="replace") for one in edition.outputs}


def test_without_an_index_the_page_lists_all_that_there_is(series: Publication) -> None:
    page = site(series, None)["search.html"]
    for address in ("a.html", "a.html#borrowing-rules", "b.html#trait-objects"):
        assert f'href="{address}"' in page
    assert "search.js" not in page
    assert "<input" not in page


def test_a_search_that_failed_is_told_and_stops_nothing(series: Publication) -> None:
    failed = searching.Indexed((), "the site has no search: x")
    edition = pipeline.make(series.root, NOW, pipeline.Wish(search=lambda *_: failed))
    assert edition.warnings == ("the site has no search: x",)
    assert not [one for one in edition.outputs if "pagefind/" in one.path]


def test_the_index_is_a_part_of_the_site(series: Publication) -> None:
    done = series.run("build", "--search")
    assert (done.returncode, done.stderr) == (0, "")
    assert (series.root / "site/pagefind/pagefind.js").is_file()
    assert "assets/search.js" in (series.root / "site/search.html").read_text()
    assert "(0 files written" in series.run("build", "--search").stdout


# A reader.


class Handler(SimpleHTTPRequestHandler):
    """Serves the site at /series/, and says nothing."""

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix("/series"))

    def do_GET(self) -> None:
        if self.path == "/favicon.ico":  # browsers ask for it on their own
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def address(series: Publication) -> Iterator[str]:
    edition = pipeline.make(series.root, NOW, pipeline.Wish(search=searching.index))
    pipeline.write(series.root, edition)
    handler = partial(Handler, directory=str(series.root / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/series"
        server.shutdown()


@pytest.fixture
def said() -> list[str]:
    """What the browser's console says, and what it asks of other hosts: nothing, at the end."""
    return []


@pytest.fixture
def page(said: list[str]) -> Iterator["Page"]:
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM:
        pytest.skip("there is no Chromium")
    with playwright.sync_playwright() as run:
        browser = run.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda one: said.append(one.url) if "127.0.0.1" not in one.url else None)
        yield page
        browser.close()
    assert said == []


def test_a_reader_finds_by_typing(page: "Page", address: str) -> None:
    page.goto(f"{address}/search.html")
    page.get_by_role("searchbox").press_sequentially("trait")
    page.get_by_role("status").filter(has_text="2 parts have “trait”:").wait_for()
    links = page.locator(".results a")
    found = {link.text_content(): link.get_attribute("href") for link in links.all()}
    assert found['Iterators & <generics> "q"'] == "b.html"
    assert found["Trait objects"] == "b.html#trait-objects"
    assert not page.locator(".index").is_visible()
    links.filter(has_text="Trait objects").click()
    page.get_by_role("heading", name="Trait objects").wait_for()
    assert page.url == f"{address}/b.html#trait-objects"
    page.go_back()
    page.get_by_role("status").filter(has_text="2 parts have “trait”:").wait_for()


def test_nothing_found_is_said_and_an_empty_search_shows_all(page: "Page", address: str) -> None:
    page.goto(f"{address}/search.html?q=zebra")
    page.get_by_role("status").filter(has_text="Nothing has “zebra”.").wait_for()
    page.get_by_role("searchbox").fill("")
    page.locator(".index").wait_for()
    assert page.locator(".results a").count() == 0


def test_an_index_that_is_gone_is_told(
    page: "Page", address: str, series: Publication, said: list[str]
) -> None:
    (series.root / "site/pagefind/pagefind.js").unlink()
    page.goto(f"{address}/search.html")
    page.get_by_role("searchbox").fill("trait")
    page.get_by_role("status").filter(has_text="can’t be loaded").wait_for()
    assert page.locator(".index").is_visible()
    page.close()  # nothing is said after it
    assert all("404" in text for text in said)
    said.clear()


@pytest.mark.parametrize("name", ["index.html", "a.html", "b.html", "tags.html", "404.html"])
def test_no_page_is_stopped_by_its_own_policy(page: "Page", address: str, name: str) -> None:
    page.goto(f"{address}/{name}")
    assert page.locator("h1").is_visible()


def test_what_a_policy_forbids_does_not_run(page: "Page", address: str, said: list[str]) -> None:
    page.goto(f"{address}/a.html")
    tried = page.evaluate(
        "() => new Promise((done) => {"
        "document.addEventListener('securitypolicyviolation', (e) => done(e.violatedDirective));"
        "const script = document.createElement('script'); script.textContent = 'window.ran = 1';"
        "document.head.append(script); })"
    )
    assert tried == "script-src-elem"
    assert page.evaluate("() => window.ran === undefined")
    page.close()  # nothing is said after it
    assert all("Content Security Policy" in text for text in said)
    said.clear()
