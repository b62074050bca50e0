"""Message -> the bytes of its mail (RFC 5322): the same for the same message.

What the mails of an announcement share is encoded once; then each costs only what is its own.
"""

import re
from base64 import b64encode
from binascii import b2a_qp
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from itertools import groupby
from textwrap import wrap

from newsletter.model import DELIVERY, TOKEN, Message

LONGEST_LINE = 998
"""Characters, without its end (RFC 5322, 2.1.1)."""
WIDTH = 66
"""Of a header's text in a line, so that with any name of ours it keeps within 78 characters."""
BYTES_OF_A_WORD = 39
"""With its base64, an encoded word is 64 characters long; RFC 2047 allows 76 in its line."""

CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
PLAIN = re.compile(r"(?!.*=\?)[!-~]{1,60}(?: [!-~]{1,60})*")
"""What stands in a header as it is: no encoded word, no long one, nothing lost where it folds."""
NAME = re.compile(r"[!-9;-~]+")
VALUE = re.compile(r"[ -~]*")
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
PERSONAL = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""A token, or the id of a delivery: safe in a header, and as a boundary (RFC 2046, 5.1.1)."""
MARK = re.compile(f"[{TOKEN}{DELIVERY}]")
LINE_END = re.compile(r"\r\n|\r|\n")

Piece = bytes | str
"""Encoded lines, or lines with marks."""


@dataclass(frozen=True, slots=True)
class Form:
    """A Mail with gaps for what is each message's own."""

    head: bytes
    headers: str
    parts: tuple[tuple[bytes, tuple[Piece, ...]], ...]


def content(message: Message) -> bytes:
    """The mail of a message: text and HTML as quoted-printable, lines end as SMTP has it.

    Raises ValueError for what no header may have, such as the line break of a smuggled one.
    """
    mail = message.mail
    form = _form(mail.sender, mail.reply_to, mail.subject, mail.text, mail.html,
                 tuple(mail.headers.items()))  # fmt: skip
    for own in (message.token, message.delivery_id):
        _require(PERSONAL.fullmatch(own), "an id")
    boundary = f"=_{message.delivery_id}"
    between = f"--{boundary}".encode()
    out = [form.head, _own_headers(message, form, boundary)]
    for kind, pieces in form.parts:
        out += [between, kind, *(_filled(message, piece) for piece in pieces), b"\r\n"]
    return b"".join([*out, between, b"--\r\n"])


def _own_headers(message: Message, form: Form, boundary: str) -> bytes:
    _require(ADDRESS.fullmatch(message.recipient), "the recipient's address")
    return (
        f"To: {message.recipient}\r\n"
        f"Date: {_date(message.date)}\r\n"
        f"{message.personal(form.headers)}"
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'
        "\r\n"
    ).encode("ascii")


def _filled(message: Message, piece: Piece) -> bytes:
    return piece if isinstance(piece, bytes) else _quoted(message.personal(piece))


@lru_cache(maxsize=4)
def _form(
    sender: str,
    reply_to: str,
    subject: str,
    text: str,
    html: str,
    headers: tuple[tuple[str, str], ...],
) -> Form:
    head = (
        f"From: {_mailbox(sender)}\r\n"
        f"Reply-To: {_mailbox(reply_to)}\r\n"
        f"Subject: {_phrase(subject)}\r\n"
    )
    own = "".join(_header(name, value) for name, value in headers)
    parts = (_part("plain", text), _part("html", html))
    return Form(head.encode("ascii"), own, parts)


@lru_cache(maxsize=16)
def _date(iso: str) -> str:
    return format_datetime(datetime.fromisoformat(iso))


def _header(name: str, value: str) -> str:
    """A header as it was given. It is never folded: its words are long, and break nowhere."""
    _require(NAME.fullmatch(name) and VALUE.fullmatch(MARK.sub("", value)), name)
    longest = MARK.sub("x" * 64, f"{name}: {value}")
    _require(len(longest) <= LONGEST_LINE, name)
    return f"{name}: {value}\r\n"


def _mailbox(value: str) -> str:
    """`Name <address>`, its name encoded where it has to be."""
    _require(not CONTROL.search(value), value)
    name, address = parseaddr(value)
    _require(ADDRESS.fullmatch(address), value)
    if not name:
        return address
    if len(name) <= WIDTH and PLAIN.fullmatch(name):
        phrase = formataddr((name, address)).removesuffix(f" <{address}>")
    else:
        phrase = _encoded(name)
    return f"{phrase}\r\n <{address}>" if len(phrase + address) > WIDTH else f"{phrase} <{address}>"


def _phrase(text: str) -> str:
    _require(not CONTROL.search(text), text)
    if PLAIN.fullmatch(text):
        lines = wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
        return "\r\n ".join(lines)
    return _encoded(text)


def _encoded(text: str) -> str:
    """Encoded words (RFC 2047). Those of `email` lose spaces and the rarer line separators."""
    words = [b64encode(chunk).decode("ascii") for chunk in _chunks(text)]
    return "\r\n ".join(f"=?utf-8?b?{word}?=" for word in words)


def _chunks(text: str) -> Iterator[bytes]:
    """The text in UTF-8, cut between characters."""
    chunk = b""
    for character in text:
        encoded = character.encode()
        if len(chunk) + len(encoded) > BYTES_OF_A_WORD:
            yield chunk
            chunk = b""
        chunk += encoded
    yield chunk


def _part(kind: str, text: str) -> tuple[bytes, tuple[Piece, ...]]:
    head = (
        f'\r\nContent-Type: text/{kind}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n"
    )
    return head.encode("ascii"), tuple(_pieces(text))


def _pieces(text: str) -> Iterator[Piece]:
    """Lines with marks stay as they are until those are filled: the encoding breaks long lines."""
    lines = LINE_END.split(text)
    lines = lines if lines[-1] else lines[:-1]
    for marked, block in groupby(lines, key=lambda line: bool(MARK.search(line))):
        joined = "\n".join(block)
        yield joined if marked else _quoted(joined)


def _quoted(lines: str) -> bytes:
    """Lines as quoted-printable (RFC 2045, 6.7), each by itself: so its last space is encoded."""
    broken = (b2a_qp(line.encode()).replace(b"=\n", b"=\r\n") for line in lines.split("\n"))
    return b"".join(line + b"\r\n" for line in broken)


def _require(good: object, what: str) -> None:
    if not good:
        # repr: what it shows can't smuggle anything either.
        raise ValueError(f"no header can be made of {what!r}: a newline, or another bad character")
