"""The bytes of a mail: what email's own parser reads in them, and what they never have."""

import base64
import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.mime import content
from newsletter.model import DELIVERY, TOKEN, Mail, Message
from press.fields import BAD_CHARACTER

MAIL = Mail(
    "second",
    "A Series <series@example.org>",
    "author@example.org",
    "On second",
    f"All of second.\nLeave: https://example.org/u/{TOKEN}\n",
    f'<p>All of <b>second</b>.</p>\n<a href="https://example.org/u/{TOKEN}">Leave</a>\n',
    {
        "Message-ID": f"<{DELIVERY}.second@example.org>",
        "List-Id": "<series.example.org>",
        "List-Unsubscribe": f"<https://example.org/u/{TOKEN}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
)
MESSAGE = Message(MAIL, "d" * 24, "ada@example.org", "token-of_ada", "2026-06-01T12:00:00+00:00")

TEXTS = st.text(st.characters(codec="utf-8")).filter(lambda text: not BAD_CHARACTER.search(text))
"""What an article may say: fields.py lets no other characters in."""
TITLES = TEXTS.filter(lambda text: not re.search(r"[\r\n]", text))


def made(**changes: object) -> bytes:
    return content(replace(MESSAGE, mail=replace(MAIL, **changes)))  # type: ignore[arg-type]


def parsed(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=policy.default)
    assert not mail.defects
    return mail


def decoded(raw: bytes, name: str) -> str:
    """A header by the older decoder: the newer one adds spaces between the words of a long name."""
    return str(make_header(decode_header(message_from_bytes(raw)[name])))


def parts(raw: bytes) -> tuple[str, str]:
    """What the text and the HTML say."""
    text, html = parsed(raw).iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    said, shown = (part.get_content().replace("\r\n", "\n") for part in (text, html))
    return said, shown


def is_fit_for_smtp(raw: bytes) -> bool:
    """No line that is too long, none that ends in another way, and ASCII throughout."""
    lines = raw.split(b"\r\n")
    return (
        raw.isascii() and max(map(len, lines)) <= 998 and not re.search(rb"[\r\n]", b"".join(lines))
    )


def test_its_headers_are_what_it_was_given() -> None:
    mail = parsed(content(MESSAGE))
    assert dict(mail.items()) == {
        "From": "A Series <series@example.org>",
        "Reply-To": "author@example.org",
        "Subject": "On second",
        "To": "ada@example.org",
        "Date": "Mon, 01 Jun 2026 12:00:00 +0000",
        "Message-ID": f"<{'d' * 24}.second@example.org>",
        "List-Id": "<series.example.org>",
        "List-Unsubscribe": "<https://example.org/u/token-of_ada>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="=_{"d" * 24}"',
    }


def test_both_parts_are_each_ones_own() -> None:
    raw = content(MESSAGE)
    assert parts(raw) == (MESSAGE.personal(MAIL.text), MESSAGE.personal(MAIL.html))
    assert [part["Content-Transfer-Encoding"] for part in parsed(raw).iter_parts()] == [
        "quoted-printable",
        "quoted-printable",
    ]


def test_it_is_the_same_each_time_and_another_for_others() -> None:
    other = replace(
        MESSAGE, delivery_id="e" * 24, recipient="bob@example.org", token="token-of_bob"
    )
    assert content(MESSAGE) == content(replace(MESSAGE, mail=replace(MAIL)))
    assert b"ada" not in content(other)
    assert b"dddd" not in content(other)


def test_mails_that_differ_are_never_taken_for_each_other() -> None:
    for name, value in {
        "subject": "x",
        "text": "x\n",
        "html": "x\n",
        "headers": {"X": "x"},
    }.items():
        assert made(**{name: value}) != content(MESSAGE)
    assert made(sender="x@example.org") != made(reply_to="x@example.org")


@given(TEXTS, TEXTS)
def test_any_text_arrives_whole(text: str, html: str) -> None:
    raw = made(text=text, html=html)
    assert is_fit_for_smtp(raw)
    expected = [re.sub(r"\r\n?", "\n", one) for one in (text, html)]
    ended = [one if one.endswith("\n") or not one else f"{one}\n" for one in expected]
    assert parts(raw) == tuple(ended)


@given(st.lists(st.sampled_from([TOKEN, DELIVERY, "=", "x" * 30, " ", ".", "é", "\n", "%s"])))
def test_a_mark_is_filled_wherever_it_stands(bits: list[str]) -> None:
    text = "".join(bits)
    raw = made(text=f"{text}\n")
    body = raw.partition(b"\r\n\r\n")[2]
    assert parts(raw)[0] == MESSAGE.personal(f"{text}\n")
    assert max(map(len, body.split(b"\r\n"))) <= 76


@given(TITLES)
def test_any_title_arrives_whole(title: str) -> None:
    raw = made(subject=title)
    assert is_fit_for_smtp(raw)
    assert as_words(raw, "Subject") == title
    if title.isprintable():  # `email` breaks lines at characters that are none of RFC 5322
        assert decoded(raw, "Subject") == title


def as_words(raw: bytes, name: str) -> str:
    """A header as RFC 2047 and 5322 alone have it."""
    [value] = re.findall(rf"(?m)^{name}: ((?:.+\r\n )*.*)\r\n".encode(), raw)
    joined = re.sub(rb"\?=\r\n =\?", b"?==?", value).replace(b"\r\n ", b" ").decode()
    return re.sub(r"=\?utf-8\?b\?(.*?)\?=", lambda m: base64.b64decode(m[1]).decode(), joined)


@pytest.mark.parametrize(
    "words", ["Ein Titel ", "über 😀 ", "x" * 100, "Ünïcödé" * 20, "=?utf-8?q?"]
)
def test_long_headers_keep_to_their_lines(words: str) -> None:
    name = (words * 30).strip()
    raw = made(subject=name, sender=f'"{name}" <series@example.org>')
    assert max(map(len, raw.partition(b"\r\nTo:")[0].split(b"\r\n"))) <= 78
    assert as_words(raw, "Subject") == name
    assert parseaddr(as_words(raw, "From").replace("\r\n", ""))[1] == "series@example.org"
    assert name in as_words(raw, "From")


@pytest.mark.parametrize("name", ["Müller, Jürgen", 'A "Series"', "A, B", "=?utf-8?q?x?=", "a\\b"])
def test_a_sender_can_have_any_name(name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    raw = made(sender=f'"{quoted}" <series@example.org>')
    [sender] = parsed(raw)["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "series@example.org")


def test_a_long_word_of_a_header_is_neither_folded_nor_encoded() -> None:
    address = f"<mailto:{'a' * 60}@{'b' * 60}.example.org?subject=unsubscribe%20{TOKEN}>"
    raw = made(headers={"List-Unsubscribe": f"<https://example.org/u/{TOKEN}>, {address}"})
    [line] = [one for one in raw.split(b"\r\n") if one.startswith(b"List-Unsubscribe:")]
    assert line.endswith(b"token-of_ada>")


INJECTED = ["A\nBcc: x@example.org", "A\r\nBcc: x@example.org", "A\rB", "A\x00B"]


@pytest.mark.parametrize("value", INJECTED)
def test_no_header_can_be_smuggled_in(value: str) -> None:
    for name in ("subject", "sender", "reply_to"):
        with pytest.raises(ValueError, match="newline"):
            made(**{name: f"{value} <a@example.org>"})
    for headers in ({"List-Id": value}, {value: "x"}):
        with pytest.raises(ValueError, match="newline"):
            made(headers=headers)
    for personal in ("token", "delivery_id", "recipient"):
        with pytest.raises(ValueError, match="newline"):
            content(replace(MESSAGE, **{personal: f"{value}@example.org"}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "recipient", ["", "ada", "a b@example.org", "<ada@example.org>", "a@é.example", "ü@example.org",
                  "a@example.org, b@example.org", "a@" + "b" * 256]
)  # fmt: skip
def test_what_is_no_address_gets_no_mail(recipient: str) -> None:
    with pytest.raises(ValueError, match="address"):
        content(replace(MESSAGE, recipient=recipient))


@pytest.mark.parametrize("value", ["Name", "<>", "Name <a@b@c>", ""])
def test_a_sender_needs_an_address(value: str) -> None:
    with pytest.raises(ValueError, match="header"):
        made(sender=value)


def test_headers_of_more_than_a_line_or_beyond_ascii_are_refused() -> None:
    for value in ("x" * 999, "é"):
        with pytest.raises(ValueError, match="X-Long"):
            made(headers={"X-Long": value})


def test_a_stranger_to_ascii_gets_mail() -> None:
    reader = "o'neil+tag@xn--bcher-kva.example.org"
    assert parsed(content(replace(MESSAGE, recipient=reader)))["To"] == reader
