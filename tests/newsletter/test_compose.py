"""The mail: what it says, to whom, and that it is the same each time."""

from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest

from newsletter.compose import composer, list_id
from newsletter.model import Delivery, Subscriber
from press import config, manifest
from press.manifest import Entry
from tests.conftest import NEWSLETTER, SERIES
from tests.newsletter.conftest import Told, entry

ADA = Subscriber(1, "ada@example.org", "ada@example.org", "token-of-ada")
NOW = "2026-06-01T12:00:00+00:00"


def compose(series: Told, article: Entry, to: Subscriber = ADA, sender: str = "") -> bytes:
    text = NEWSLETTER.replace("A Series <series@example.org>", sender) if sender else NEWSLETTER
    (series.root / "series.toml").write_text(SERIES + text)
    series.publish(article)
    made = composer(series.root, config.load(series.root), manifest.load(series.root / "site"))
    return made.compose(article, Delivery("d" * 24, article.id, to, NOW)).content


def parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


def test_it_has_the_headers_of_a_list(series: Told) -> None:
    mail = parsed(compose(series, entry(1, "second")))
    assert not mail.defects
    assert {name: mail[name] for name in ("From", "To", "Reply-To", "Subject", "Date")} == {
        "From": "A Series <series@example.org>",
        "To": "ada@example.org",
        "Reply-To": "author@example.org",
        "Subject": "On second",
        "Date": "Mon, 01 Jun 2026 12:00:00 +0000",
    }
    assert mail["Message-ID"] == f"<{'d' * 24}.second@example.org>"
    assert mail["List-Id"] == "<series.example.org>"
    assert mail["List-Archive"] == "<https://example.org/series/>"
    unsubscribe = "<mailto:author@example.org?subject=unsubscribe%20token-of-ada>"
    assert mail["List-Unsubscribe"] == unsubscribe


def test_both_parts_say_all_that_they_must(series: Told) -> None:
    mail = parsed(compose(series, entry(1, "second")))
    text, html = mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    for part in (text.get_content(), html.get_content()):
        for words in (
            "On second", "All of second.", "part 001", "https://example.org/series/second.html",
            "you subscribed", "1 Example Street, Exampletown",
            "mailto:author@example.org?subject=unsubscribe%20token-of-ada",
        ):  # fmt: skip
            assert words in part


def test_it_is_the_same_each_time(series: Told) -> None:
    assert compose(series, entry(1, "second")) == compose(series, entry(1, "second"))


def test_its_lines_are_as_long_as_mail_allows(series: Told) -> None:
    article = entry(
        1, "second", title="Ein Titel " * 30 + "über 😀 " * 20 + "!", description="x " * 900
    )
    content = compose(series, article, sender="Jürgen Müller ß " * 9 + "<series@example.org>")
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    # By the older decoder: the newer one adds spaces between the words of a long name.
    mail = message_from_bytes(content)
    decoded = [str(make_header(decode_header(mail[name]))) for name in ("Subject", "From")]
    assert decoded == [article.title, "Jürgen Müller ß " * 9 + "<series@example.org>"]


def test_a_long_unsubscribe_address_is_neither_folded_nor_encoded(series: Told) -> None:
    long = NEWSLETTER.replace("author@example.org", f"{'a' * 60}@{'b' * 60}.example.org")
    (series.root / "series.toml").write_text(SERIES + long)
    made = composer(series.root, config.load(series.root), manifest.load(series.root / "site"))
    content = made.compose(entry(1, "second"), Delivery("d" * 24, "second", ADA, NOW)).content
    [line] = [one for one in content.split(b"\r\n") if one.startswith(b"List-Unsubscribe:")]
    assert line.endswith(b"token-of-ada>")


def test_a_title_can_have_any_marks(series: Told) -> None:
    title = 'Iterators & <generics> ]]> "q" 😀 {{ series }}'
    mail = parsed(compose(series, entry(1, "second", title=title)))
    text, html = (part.get_content() for part in mail.iter_parts())
    assert mail["Subject"] == title
    assert title in text
    assert "Iterators &amp; &lt;generics&gt; ]]&gt; &#34;q&#34; 😀 {{ series }}" in html


@pytest.mark.parametrize("title", ["A\nBcc: x@example.org", "A\r\nBcc: x@example.org", "A\rB"])
def test_a_header_can_not_be_smuggled_in(series: Told, title: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)newline|linefeed|carriage"):
        compose(series, entry(1, "second", title=title))


def test_a_stranger_to_ascii_gets_mail(series: Told) -> None:
    reader = replace(ADA, email="o'neil+tag@xn--bcher-kva.example.org")
    assert parsed(compose(series, entry(1, "second"), reader))["To"] == reader.email


@pytest.mark.parametrize(
    ("series_id", "expected"),
    [
        ("tag:example.org,2026:series", "series.example.org"),
        ("tag:me@example.org,2026-01:a/b", "a-b.example.org"),
        ("tag:example.org,2026:", "series.example.org"),
    ],
)
def test_the_list_is_named_after_the_series_for_ever(series_id: str, expected: str) -> None:
    assert list_id(series_id) == expected


def test_a_template_of_the_publication_comes_first(series: Told) -> None:
    (series.root / "templates/email").mkdir(parents=True)
    (series.root / "templates/email/announcement.txt").write_text("Only {{ article.title }}\n")
    mail = parsed(compose(series, entry(1, "second")))
    text, _ = mail.iter_parts()
    assert text.get_content().split() == ["Only", "On", "second"]
