"""Mail -> what a provider is given that merges it with each message's own: names, headers, room.

What stands in a header is checked here, so that no value smuggles in a header of its own.
"""

from collections.abc import Iterable, Sequence
from email.charset import Charset
from email.utils import formataddr, parseaddr
from hashlib import sha256
from itertools import repeat

from newsletter.mime import ADDRESS, CONTROL, MARK, NAME, PERSONAL, VALUE
from newsletter.model import Mail, Message

MOST_OF_A_MARK = 64
"""Characters that stand in the place of a mark, at most; so has it PERSONAL."""


def require_safe(messages: Sequence[Message]) -> None:
    """Raise ValueError for a message whose address or ids could mean more than they are."""
    for one in messages:
        if not (ADDRESS.fullmatch(one.recipient) and PERSONAL.fullmatch(one.token)
                and PERSONAL.fullmatch(one.delivery_id)):  # fmt: skip
            raise ValueError(f"no message can be made for {one.recipient!r}")


def one_line(text: str) -> str:
    """The text of a header; raises ValueError for one that would be more than that."""
    if CONTROL.search(text):
        raise ValueError(f"no header can be made of {text!r}")
    return text


def mailbox(value: str) -> tuple[str, str]:
    """The name and the address of `Name <address>`; the name is empty where there is none.

    Raises ValueError for what is no such thing.
    """
    name, address = parseaddr(one_line(value))
    if not ADDRESS.fullmatch(address):
        raise ValueError(f"no header can be made of {value!r}")
    return name, address


def ascii_mailbox(value: str) -> str:
    """`Name <address>` in ASCII: the name quoted, or in encoded words (RFC 2047)."""
    name, address = mailbox(value)
    if name.isascii():
        return formataddr((name, address))
    words = Charset("utf-8").header_encode_lines(name, repeat(75))
    return " ".join([*filter(None, words), f"<{address}>"])


def headers(mail: Mail, without: Iterable[str] = ()) -> tuple[dict[str, str], dict[str, str]]:
    """The further headers: those that all messages share, and those with marks.

    `without` names some to leave out, in lower case. Raises ValueError for what is no header.
    """
    shared: dict[str, str] = {}
    own: dict[str, str] = {}
    for name, value in mail.headers.items():
        if not NAME.fullmatch(name) or not VALUE.fullmatch(MARK.sub("", value)):
            raise ValueError(f"no header can be made of {name!r} and {value!r}")
        if name.lower() not in without:
            (own if MARK.search(value) else shared)[name] = value
    return shared, own


def unforeseen(mail: Mail, *names: str) -> list[str]:
    """The names, each with an end that the mail can't hold: it is made of all that the mail is."""
    told = "\0".join([mail.subject, mail.text, mail.html, *mail.headers.values()])
    end = sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return [f"{name}_{end}" for name in names]


def room(mail: Mail, most: int, most_bytes: int, shared: int, each: int) -> int:
    """Messages of a mail in a request: `most`, or fewer so that it keeps within `most_bytes`.

    `shared` is the size of what they share; `each` that of a message, but for its own headers.
    """
    _, own = headers(mail)
    marked = sum(len(n) + len(MARK.sub("x" * MOST_OF_A_MARK, v)) + 20 for n, v in own.items())
    return max(1, min(most, (most_bytes - shared) // (each + marked)))
