"""Every mail that the product can send, as its reader has it, and as the judges of mails see it."""

import json
import re
from collections.abc import Callable, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from press.folding import columns
from tests.browser import checking, looking
from tests.browser.mails import LINK, Sent, every, stripped
from tests.browser.publications import PUBLICATIONS
from tests.browser.test_checkers import needs
from tests.browser.visiting import SCHEMES, Scheme, View, window
from tests.conftest import REPOSITORY

HARMLESS = {"HTML_MESSAGE", "NO_RECEIVED", "NO_RELAYS"}
"""Rules of SpamAssassin's that say that a mail has HTML, and has not travelled."""
MOST_SPAM = 0.5
KNOWN = REPOSITORY / "tests/browser/mail_programs.json"
"""What mail programs lack, and why it does no harm there: looked at by a person."""
OF_PAGES = re.compile(r"axe (?:region|landmark-[\w-]+):")
"""What axe asks of a page, and no mail has: it is shown within one."""
MOST_BYTES = 90_000
NARROW = 320
COLUMNS = 78

Mails = Sequence[Sent]
ARABIC = {
    "You get this mail": "تصلك هذه الرسالة",
    "Go on reading on the web": "متابعة القراءة على الويب",
    "Go on reading on the web:": "متابعة القراءة على الويب:",
}


def said(mail: Sent, english: str) -> str:
    """What it says in its own language."""
    return ARABIC[english] if mail.name.startswith("arabic") else english


@pytest.fixture(scope="module", params=PUBLICATIONS)
def mails(request: pytest.FixtureRequest, build: Callable[[str], Path]) -> Mails:
    """Those of each publication in turn."""
    return every(request.param, build(request.param))


@pytest.fixture(scope="module")
def all_mails(build: Callable[[str], Path]) -> Mails:
    return [mail for name in PUBLICATIONS for mail in every(name, build(name))]


@pytest.fixture(scope="module")
def files(all_mails: Mails, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The HTML of each as a file."""
    folder = tmp_path_factory.mktemp("mails")
    return [written(folder / f"{mail.name}.html", mail.html) for mail in all_mails]


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def parts(mail: Sent) -> tuple[EmailMessage, str, str]:
    """What the standard library reads in its bytes: the whole, the text and the HTML."""
    parsed = message_from_bytes(mail.raw, policy=policy.default)
    assert not parsed.defects, mail.name
    text, html = parsed.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    said, shown = (str(part.get_content()).replace("\r\n", "\n") for part in (text, html))
    return parsed, said, shown


def is_to_a_subscriber(mail: Sent) -> bool:
    """Whether it is one of a list, which one can leave."""
    return "List-Unsubscribe" in mail.message.mail.headers


def test_they_parse_back_to_what_was_meant(mails: Mails) -> None:
    for mail in mails:
        parsed, text, html = parts(mail)
        assert parsed["Subject"] == mail.message.mail.subject
        assert parsed["To"] == mail.message.recipient
        for name, value in mail.message.mail.headers.items():
            assert parsed[name] == mail.message.personal(value)
        assert text == mail.text
        assert html in (mail.html, f"{mail.html}\n")


def test_each_names_its_sender_why_it_came_and_how_it_ends(mails: Mails) -> None:
    for mail in mails:
        _, text, html = parts(mail)
        for part in (text, html):
            assert "1 Example Street" in part
            assert said(mail, "You get this mail") in part
            leaves = re.search("unsubscribe/t{43}|unsubscribe%20t{43}", part)
            assert bool(leaves) is is_to_a_subscriber(mail), mail.name
        automatic = mail.message.mail.headers.get("Auto-Submitted") == "auto-generated"
        written_by_hand = re.search("-(?:new|update|correction|summary|test|left)", mail.name)
        assert automatic is (written_by_hand is None), mail.name


def test_a_secret_link_is_in_both_parts_of_its_own_mail_alone_and_in_no_header(
    mails: Mails,
) -> None:
    for mail in mails:
        parsed, text, html = parts(mail)
        has = not is_to_a_subscriber(mail) or mail.name.endswith("-welcome")
        has = has and not mail.name.endswith(("without-link", "of-settings"))
        assert [LINK in part for part in (text, html)] == [has, has], mail.name
        assert LINK not in str(parsed.items())


def test_each_is_shown_whole_by_the_programs_that_cut_long_ones(mails: Mails) -> None:
    for mail in mails:
        _, html = parts(mail)[0].iter_parts()
        assert isinstance(html, EmailMessage)
        assert len(html.get_payload(decode=True)) <= MOST_BYTES, mail.name


def test_one_that_is_too_long_ends_at_a_heading_in_both_parts(mails: Mails) -> None:
    [mail] = [one for one in mails if one.name.endswith("too-long")]
    assert said(mail, "Go on reading on the web") in mail.html
    assert said(mail, "Go on reading on the web:") in mail.text
    assert len(mail.html) > MOST_BYTES * 0.4, "much of it would have fitted"
    last = re.findall(r"<h[2-6][^>]*>(.*?)</h[2-6]>", mail.html)[-1]
    assert unescape(re.sub("<[^>]*>", "", last)) in mail.text.replace("`", "")


def test_each_is_one_document_that_says_what_it_is(mails: Mails) -> None:
    for mail in mails:
        assert len(re.findall("<h1[ >]", mail.html)) == 1, mail.name
        assert re.search(r'<html lang="[a-z-]+" dir="(ltr|rtl)">', mail.html)
        assert "<title>" in mail.html
        assert re.search(r'<table [^>]*role="presentation"', mail.html)
        assert all(" alt=" in image for image in re.findall("<img[^>]*>", mail.html))
        links = re.findall(r'(?:href|src)="([^"]*)"', mail.html)
        assert all(re.match("(https?|mailto):", link) for link in links), mail.name
        assert not re.search("<(script|form|iframe|link|video|audio|svg|details)[ >]", mail.html)


def test_what_has_a_colour_has_its_background(mails: Mails) -> None:
    """A program that turns one of them dark alone would hide the text. Code stands on its block."""
    for mail in mails:
        outside = re.sub(r"(<pre[^>]*>).*?</pre>", r"\1", mail.html, flags=re.DOTALL)
        for style in re.findall(r'style="([^"]*)"', outside):
            coloured = re.search(r"(?:^|;)\s*color\s*:", style)
            assert not coloured or "background-color" in style, f"{mail.name}: {style}"


def test_the_text_has_no_mark_of_html_and_short_lines(mails: Mails) -> None:
    for mail in mails:
        prose = [
            line for line in mail.text.split("\n")
            if not re.match(r"[>| ]*    |.*(?:\S+://|mailto:)", line)
        ]  # fmt: skip
        # A word that is longer than a line stays whole.
        broken = [line for line in prose if max(map(len, line.split()), default=0) < COLUMNS - 8]
        assert max(map(columns, broken)) <= COLUMNS, mail.name
        assert not re.search(r"</?(?:p|h[1-6]|div|span|li|td|a|pre)\b[^>]*>", "\n".join(prose))


@needs("spamassassin")
def test_spamassassin_finds_nothing(all_mails: Mails) -> None:
    found = checking.spamassassin({mail.name: mail.raw for mail in all_mails})
    bad = {
        name: (score, rules - HARMLESS)
        for name, (score, rules) in found.items()
        if score > MOST_SPAM or rules - HARMLESS
    }
    assert not bad


@needs("spamassassin")
def test_spamassassin_sees_what_hides(mails: Mails) -> None:
    raw = mails[0].raw.replace(
        b"<body", b'<body><p style=3D"font-size:0px">viagra</p><p style=3D"font-size:0px">cheap</p'
    )
    [(score, rules)] = checking.spamassassin({"bad": raw}).values()
    assert score > MOST_SPAM
    assert rules - HARMLESS


@needs("node")
def test_mail_programs_lack_what_is_known_and_no_more(files: list[Path]) -> None:
    found = checking.mail_programs(files)
    known = {what: entry["programs"] for what, entry in json.loads(KNOWN.read_text()).items()}
    assert found == known


@needs("node")
def test_a_new_lack_of_mail_programs_is_seen(tmp_path: Path) -> None:
    html = '<!doctype html><html><body><p style="display:flex;position:fixed">A</p></body></html>'
    found = checking.mail_programs([written(tmp_path / "bad.html", html)])
    assert set(found) - set(json.loads(KNOWN.read_text()))


@needs("java")
def test_the_nu_html_checker_finds_nothing(files: list[Path]) -> None:
    assert not checking.nu_html_checker(files)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.usefixtures("axe")
def test_they_can_be_read_by_everyone_on_a_small_phone(
    mails: Mails, scheme: Scheme, tmp_path: Path, browser: Browser
) -> None:
    assert not judged(mails, lambda mail: mail.html, scheme, tmp_path, browser)


@pytest.mark.usefixtures("axe")
def test_they_can_be_read_by_everyone_without_a_style(
    mails: Mails, tmp_path: Path, browser: Browser
) -> None:
    found = judged(mails, lambda mail: stripped(mail.html), "light", tmp_path, browser)
    assert not [one for one in found if ": overflow" not in one]


def judged(
    mails: Mails, html: Callable[[Sent], str], scheme: Scheme, folder: Path, browser: Browser
) -> list[str]:
    """What is wrong with each mail as it is seen on a small phone."""
    found = []
    with window(browser, View(NARROW, scheme)) as opened:
        for mail in mails:
            page = written(folder / "mail.html", html(mail))
            with opened.visit(page.as_uri()) as visited:
                said = [*looking.overflow(visited.page), *looking.accessibility(visited.page)]
            found += [f"{mail.name}: {one}" for one in said if not OF_PAGES.search(one)]
    return found
