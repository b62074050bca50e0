"""A preview in a real browser: what is saved is seen, and what is wrong is said, by itself."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from newsletter import showing
from tests.browser import looking
from tests.browser.visiting import LISTEN, Visit
from tests.conftest import REPOSITORY, Publication
from tests.press.previewing import PATIENCE, Client, previewed

LONG = "A paragraph.\n\n" * 200
DRAWN = "async () => { for (let n = 0; n < 3; n++) await new Promise(requestAnimationFrame); }"
BROKEN = "See [<i>this</i>](009-z.md).\n"


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    expect.set_options(timeout=30_000)  # milliseconds: a machine may be busy
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def client(publication: Publication) -> Iterator[Client]:
    publication.article("000-a", "Its words.\n")
    publication.article("001-b", "Not out yet.\n", draft="true")
    with previewed(publication.root, mails=showing.mails) as made:
        yield made


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(reduced_motion="reduce")
    made.set_default_timeout(30_000)
    made.add_init_script(LISTEN)
    yield made
    made.close()


def opened(context: BrowserContext, client: Client, path: str = "/series/a.html") -> Page:
    page = context.new_page()
    page.goto(f"{client.url}{path}")
    return page


def count_loads(page: Page) -> list[str]:
    """The address of each load of the page from now on."""
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))
    return loads


def test_what_is_saved_is_seen_where_the_reader_was(
    context: BrowserContext, client: Client, publication: Publication
) -> None:
    publication.article("000-a", LONG)
    client.until_it_says("/series/a.html", "A paragraph.")
    page = opened(context, client)
    page.evaluate("scrollTo(0, 1500)")
    publication.article("000-a", f"{LONG}The end.\n")
    expect(page.get_by_text("The end.")).to_be_attached()
    # Not an expression: each further look at one is an `eval`, which the page's policy forbids.
    page.wait_for_function("() => scrollY === 1500")


def test_a_page_of_others_stays(
    context: BrowserContext, client: Client, publication: Publication
) -> None:
    mine, other = opened(context, client), opened(context, client, "/series/tags.html")
    loads = count_loads(other)
    publication.article("000-a", "Other words.\n")
    expect(mine.get_by_text("Other words.")).to_be_visible()
    # After this, which it has to show, it would have been loaded.
    publication.article("002-c", BROKEN)
    expect(other.get_by_role("dialog")).to_be_visible()
    assert not loads


def test_what_is_saved_stays_seen_while_another_article_has_a_problem(
    context: BrowserContext, client: Client, publication: Publication
) -> None:
    publication.article("002-c", BROKEN)
    client.until_it_says("/series/a.html", "1 problem<")
    page = opened(context, client)
    loads = count_loads(page)
    publication.article("000-a", "Other words.\n")
    expect(page.get_by_text("Other words.")).to_be_visible()
    publication.article("002-c", BROKEN.replace("009", "010"))
    expect(page.get_by_role("dialog")).to_contain_text("010-z.md")
    expect(page.get_by_text("Other words.")).to_be_visible()
    assert len(loads) == 1


def test_a_style_is_swapped_without_a_load(
    context: BrowserContext, client: Client, publication: Publication
) -> None:
    page = opened(context, client)
    loads = count_loads(page)
    for colour in ("rgb(1, 2, 3)", "rgb(4, 5, 6)"):
        publication.write("templates/assets/content.css", f"body {{ background: {colour} }}")
        page.wait_for_function(
            "colour => getComputedStyle(document.body).backgroundColor === colour", arg=colour
        )
    expect(page.locator("link[rel=stylesheet][href*='content.css']")).to_have_count(1)
    assert not loads


def test_many_tabs_are_told(
    context: BrowserContext, client: Client, publication: Publication
) -> None:
    pages = [opened(context, client) for _ in range(9)]  # more than a browser's connections
    publication.article("000-a", "For all.\n")
    for page in pages:
        expect(page.get_by_text("For all.")).to_be_visible()
    pages.pop(0).close()  # the one that listened for the others
    publication.article("000-a", "Still for all.\n")
    for page in pages:
        expect(page.get_by_text("Still for all.")).to_be_visible()


def test_problems_come_over_the_page_and_go(
    context: BrowserContext, client: Client, publication: Publication
) -> None:
    page = opened(context, client)
    loads = count_loads(page)
    publication.article("002-c", BROKEN)
    dialog = page.get_by_role("dialog", name="1 problem")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("alert")).to_contain_text("what was built last")
    expect(dialog).to_contain_text("content/002-c.md:7:19: broken-link: there is no")
    text = dialog.inner_text()
    assert "    7 | See [<i>this</i>](009-z.md).\n      |                   ^" in text.replace(
        "\xa0", " "
    )
    assert "help: " in text
    expect(page.get_by_text("Its words.")).to_be_visible()
    publication.article("002-c", "Mended.\n")
    expect(dialog).to_be_hidden()
    assert not loads


def test_problems_can_be_put_away_by_keyboard(
    context: BrowserContext, client: Client, publication: Publication
) -> None:
    publication.article("002-c", BROKEN)
    client.until_it_says("/series/a.html", "1 problem<")
    page = opened(context, client)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    again = page.get_by_role("button", name="1 problem")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    again.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    page.get_by_role("button", name="Close").focus()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(again).to_be_focused()


def test_without_scripts_problems_are_in_the_page(
    browser: Browser, client: Client, publication: Publication
) -> None:
    publication.article("002-c", BROKEN)
    client.until_it_says("/series/a.html", "1 problem<")
    context = browser.new_context(java_script_enabled=False)
    page = opened(context, client)
    dialog = page.get_by_role("dialog", name="1 problem")
    expect(dialog).to_contain_text("broken-link")
    page.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("Its words.")).to_be_visible()
    context.close()


def test_before_there_is_a_site_a_page_waits_for_it(
    context: BrowserContext, publication: Publication
) -> None:
    publication.article("000-a", BROKEN)
    with previewed(publication.root) as client:
        page = opened(context, client)
        expect(page.get_by_role("heading", name="There are problems")).to_be_visible()
        expect(page.get_by_role("dialog")).to_contain_text("Nothing could be built yet")
        publication.article("000-a", "At last.\n")
        expect(page.get_by_text("At last.")).to_be_visible()


def test_it_goes_on_when_the_preview_is_started_again(
    context: BrowserContext, publication: Publication
) -> None:
    publication.article("000-a", "Its words.\n")
    with previewed(publication.root) as client:
        port = client.port
        page = opened(context, client)
        expect(page.get_by_text("Its words.")).to_be_visible()
    publication.article("000-a", "Written meanwhile.\n")
    with previewed(publication.root, port=port):
        expect(page.get_by_text("Written meanwhile.")).to_be_visible()
        publication.article("000-a", "Written then.\n")
        expect(page.get_by_text("Written then.")).to_be_visible()


def test_a_draft_says_so(context: BrowserContext, client: Client, publication: Publication) -> None:
    page = opened(context, client, "/series/b.html")
    mark = page.get_by_role("complementary", name="Preview")
    expect(mark).to_contain_text("Draft: a build leaves it out")
    publication.article("001-b", "Not out yet.\n")
    expect(mark).not_to_contain_text("Draft")


def test_a_mail_follows_its_article(
    context: BrowserContext, client: Client, publication: Publication
) -> None:
    page = opened(context, client, "/__mail/new-a/")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("Its words.")).to_be_visible()
    publication.article("000-a", "Other words.\n")
    expect(frame.get_by_text("Other words.")).to_be_visible()


OF_AXE = (
    r"console: Failed to execute 'postMessage' on 'DOMWindow': The target origin provided \(.*\) "
    r"does not match the recipient window's origin \('null'\)\. \(\)"
)
"""What axe-core brings about, no script of a page: it asks frames that have no origin."""

OWN = ["/__/", "/__feed/", "/__feed/feed.xml", "/__mail/", "/__mail/new-a/"]
SITE = ["/series/a.html", "/series/b.html", "/series/"]


@pytest.mark.parametrize(("width", "broken"), [(320, True), (1280, False)])
@pytest.mark.usefixtures("axe")
def test_all_that_it_shows_can_be_used_by_everybody(
    browser: Browser, client: Client, publication: Publication, width: int, broken: bool
) -> None:
    if broken:
        publication.article("002-c", BROKEN)
        client.until_it_says("/series/a.html", "1 problem<")
    context = browser.new_context(viewport={"width": width, "height": 700}, reduced_motion="reduce")
    context.add_init_script(LISTEN)
    found = []
    for path in [*SITE, *OWN]:
        page = context.new_page()
        visited = Visit(page)
        visited.listen()
        page.goto(f"{client.url}{path}", wait_until="load")
        told = [*looking.in_both_schemes(page), *visited.complaints]
        found += [f"{path}: {one}" for one in told if not re.fullmatch(OF_AXE, one)]
        page.close()
    context.close()
    assert not found, "\n".join(found)


@pytest.fixture
def halves(client: Client) -> Iterator[tuple[str, Event]]:
    """The preview at an address that sends each page up to its problems, the rest at an event."""
    go_on = Event()

    class Relay(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer, content = client.get(self.path)
            self.send_response(answer.status)
            for name in ("Content-Type", "Content-Length"):
                if value := answer.headers[name]:
                    self.send_header(name, value)
            self.end_headers()
            middle = content.find(b"<pre") if b"<dialog" in content else len(content)
            self.wfile.write(content[:middle])
            self.wfile.flush()
            if content[middle:]:
                assert go_on.wait(PATIENCE)
                self.wfile.write(content[middle:])

        def log_message(self, *_: object) -> None:
            """Nothing: a test's output is its own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Relay) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", go_on
        go_on.set()
        server.shutdown()


@pytest.mark.parametrize("path", ["/series/a.html", "/__mail/"])
def test_problems_that_come_in_pieces_move_nothing(
    context: BrowserContext,
    client: Client,
    publication: Publication,
    halves: tuple[str, Event],
    path: str,
) -> None:
    publication.article("002-c", BROKEN)
    client.until_it_says("/series/a.html", "1 problem<")
    url, go_on = halves
    page = context.new_page()
    page.goto(f"{url}{path}", wait_until="commit")
    page.locator("dialog [role=alert]").wait_for(state="attached")  # its list is not there yet
    page.evaluate(DRAWN)
    go_on.set()
    page.wait_for_load_state()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.evaluate(DRAWN)
    assert not looking.shifts(page)


def test_ctrl_c_ends_it_though_a_browser_listens(
    context: BrowserContext, publication: Publication
) -> None:
    publication.article("000-a", "Its words.\n")
    with command(publication) as (running, url):
        page = context.new_page()
        page.goto(url)
        page.get_by_role("link", name="000-a").first.click()
        expect(page.get_by_text("Its words.")).to_be_visible()
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 130
        assert running.stderr
        assert "Traceback" not in running.stderr.read()


@contextmanager
def command(publication: Publication) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The author's command, and the address that it prints."""
    with subprocess.Popen(
        [sys.executable, str(REPOSITORY / "build.py"), "preview", "--port", "0"],
        cwd=publication.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        try:
            assert running.stdout
            yield running, re.sub(r"\s", "", running.stdout.readline())
        finally:
            running.kill()
