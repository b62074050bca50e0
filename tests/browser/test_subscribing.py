"""The whole way in a browser, with an SMTP server: from the site's form to being told no more."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
import requests
from playwright.sync_api import Browser, Page

from tests.browser import checking, looking
from tests.browser.keyboard import tabbing
from tests.browser.visiting import VIEWS, View, visit, window
from tests.conftest import Publication
from tests.newsletter.emulator import Taken
from tests.newsletter.emulator.relay import Relay
from tests.newsletter.web.serving import free_port, served

SETTINGS = """\
title = "A Series"
url = "{site}"
id = "tag:example.org,2026:series"
author = "An Author"
language = "en"
description = "What it is about."

[newsletter]
from = "A Series <series@example.org>"
reply-to = "author@example.org"
postal-address = "1 Example Street, Exampletown"
provider = "smtp"
app-url = "{app}"

[newsletter.smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
"""


@dataclass
class Published:
    """A publication whose site and app are being served, and the server that takes its mail."""

    publication: Publication
    site: str
    app: str
    relay: Relay
    read: int = 0
    addresses: set[str] = field(default_factory=set)

    def publish(self, name: str) -> None:
        self.publication.article(name, "The text of it.\n", tags="[async]")
        done = self.publication.run("build")
        assert done.returncode == 0, done.stderr

    def mail(self) -> Taken:
        """The next mail that comes."""
        until = monotonic() + 30
        while len(self.relay.accepted) == self.read:
            assert monotonic() < until, "no mail came"
            sleep(0.01)
        self.read += 1
        return self.relay.accepted[self.read - 1]

    def announce(self, count: int) -> list[Taken]:
        first = ["--announce", "newest"] if not self.addresses else []
        done = self.publication.run("newsletter", "send", "--confirm", str(count), *first)
        assert done.returncode == 0, done.stdout + done.stderr
        return [self.mail() for _ in range(count)]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def as_it_is(folder: Path) -> Iterator[str]:
    """The address of a folder that is being served, whatever is written to it meanwhile."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def published(tmp_path: Path) -> Iterator[Published]:
    with ExitStack() as stack:
        (tmp_path / "site").mkdir()
        (tmp_path / "content").mkdir()
        site = stack.enter_context(as_it_is(tmp_path / "site"))
        relay = stack.enter_context(Relay())
        port = free_port()
        made = Published(Publication(tmp_path), site, f"http://127.0.0.1:{port}", relay)
        text = SETTINGS.format(site=site, app=made.app, smtp=relay.port)
        made.publication.write("series.toml", text)
        made.publish("000-first")
        stack.enter_context(served(tmp_path, port))
        yield made


def link(mail: Taken, pattern: str) -> str:
    """The one link of its text that fits."""
    [found] = set(re.findall(rf"{pattern}\S*", mail.text))
    return str(found)


def join(page: Page, published: Published, email: str) -> None:
    page.goto(f"{published.site}/index.html")
    page.get_by_label("Your address").fill(email)
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("heading", name="Look into your mail").wait_for()
    mail = published.mail()
    assert mail.recipient == email
    page.goto(link(mail, f"{published.app}/confirm/"))
    page.get_by_role("button", name="Yes, subscribe me").click()
    page.get_by_role("heading", name="You are subscribed").wait_for()
    assert published.mail().recipient == email


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without scripts"])
def test_from_the_form_to_being_told_no_more(
    published: Published, browser: Browser, scripts: bool
) -> None:
    with window(browser, View(scripts=scripts)) as opened, opened.context.new_page() as page:
        for email in ("ada@example.org", "bob@example.org"):
            join(page, published, email)
        mails = {mail.recipient: mail for mail in published.announce(2)}
        published.addresses |= set(mails)
        page.goto(link(mails["ada@example.org"], f"{published.site}/first"))
        page.get_by_role("heading", name="000-first").wait_for()
        leave_by_one_click(mails["ada@example.org"], published)
        page.goto(link(mails["bob@example.org"], f"{published.app}/unsubscribe/"))
        page.get_by_role("button", name="Yes, unsubscribe me").click()
        page.get_by_role("heading", name="You have left").wait_for()
        published.publish("001-second")
        assert published.announce(0) == []


def leave_by_one_click(mail: Taken, published: Published) -> None:
    """As a mail program does it (RFC 8058, 3.2)."""
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.search(rf"<({published.app}[^>]+)>", mail.headers["List-Unsubscribe"])
    assert address
    files = {"List-Unsubscribe": (None, "One-Click")}  # makes it multipart
    answer = requests.post(address[1], files=files, timeout=30, allow_redirects=False)
    assert answer.status_code == 200


def test_a_subscriber_chooses_and_moves(published: Published, browser: Browser) -> None:
    with window(browser, View()) as opened, opened.context.new_page() as page:
        join(page, published, "ada@example.org")
        page.get_by_role("link", name="Choose what you get").click()
        page.get_by_label("Your address").fill("ada@example.org")
        page.get_by_role("button", name="Send me the link").click()
        page.goto(link(published.mail(), f"{published.app}/settings/"))
        page.get_by_role("button", name="Open my settings").click()
        page.get_by_label("Once a week").check()
        page.get_by_label("async").check()
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Saved.").wait_for()
        assert page.get_by_label("Once a week").is_checked()
        page.get_by_label("The new one").fill("ada@new.example")
        page.get_by_role("button", name="Change it").click()
        mail = published.mail()
        assert mail.recipient == "ada@new.example"
        page.goto(link(mail, f"{published.app}/moved/"))
        page.get_by_role("button", name="Yes, change it").click()
        page.get_by_role("heading", name="Changed").wait_for()


def opened_settings(page: Page, published: Published) -> str:
    """Let the page be somebody's settings; its HTML as it came."""
    join(page, published, "ada@example.org")
    page.goto(f"{published.app}/preferences")
    page.get_by_label("Your address").fill("ada@example.org")
    page.get_by_role("button", name="Send me the link").click()
    page.goto(link(published.mail(), f"{published.app}/settings/"))
    with page.expect_response(lambda answer: answer.request.method == "POST") as info:
        page.get_by_role("button", name="Open my settings").click()
    return str(info.value.text())


FIXED = ["subscribe", "preferences", "unsubscribe/x", "confirm/x", "no-such-page"]


@pytest.mark.usefixtures("axe")
def test_no_page_has_faults(published: Published, browser: Browser, tmp_path: Path) -> None:
    found: list[str] = []
    files: list[Path] = []
    with window(browser, View()) as opened, opened.context.new_page() as page:
        files.append(tmp_path / "settings.html")
        files[0].write_text(opened_settings(page, published))
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            seen = looking.in_both_schemes(page) + tabbing(page)
            found += [one for one in seen if "layout shift" not in one]  # the window has changed
    for path in FIXED:
        for view in VIEWS:
            with visit(browser, f"{published.app}/{path}", view) as visited:
                complaints = [one for one in visited.complaints if "status of 4" not in one]
                complaints = [one for one in complaints if not one.endswith(("(404)", "(410)"))]
                found += [f"{path} {view}: {one}" for one in looking.in_both_schemes(visited.page)]
                found += [f"{path} {view}: {one}" for one in complaints]
        files.append(tmp_path / f"{path.replace('/', '-')}.html")
        files[-1].write_text(requests.get(f"{published.app}/{path}", timeout=30).text)
    assert not found, "\n".join(found)
    if not checking.missing("java", "node"):
        assert checking.nu_html_checker(files) + checking.html_validate(files) == []
