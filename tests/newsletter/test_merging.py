"""What providers that merge mails themselves are given, whoever they are."""

from dataclasses import replace
from email.header import decode_header, make_header

import pytest

from newsletter import merging
from newsletter.model import TOKEN
from tests.newsletter.providers.exchange import MAIL


@pytest.mark.parametrize(("given", "made"), [
    ("news@example.org", "news@example.org"),
    ("A Series <news@example.org>", "A Series <news@example.org>"),
    ("A. B. Series <news@example.org>", '"A. B. Series" <news@example.org>'),
    ("Ü <news@example.org>", "=?utf-8?b?w5w=?= <news@example.org>"),
])  # fmt: skip
def test_a_mailbox_is_quoted_or_encoded_where_it_has_to_be(given: str, made: str) -> None:
    assert merging.ascii_mailbox(given) == made


@pytest.mark.parametrize("value", ["", "A Series", "Series, A <news@example.org>", "<>", "ä@b"])
def test_what_is_no_mailbox_makes_none(value: str) -> None:
    with pytest.raises(ValueError, match="no header can be made"):
        merging.ascii_mailbox(value)


def test_a_long_name_is_encoded_in_words_that_are_not_too_long() -> None:
    name = "Ünïcode with spaces " + "日本語" * 30
    *words, address = merging.ascii_mailbox(f"“{name}” <news@example.org>").split()
    assert address == "<news@example.org>"
    assert max(map(len, words)) <= 75
    assert str(make_header(decode_header(" ".join(words)))) == f"“{name}”"


def test_names_are_of_the_mail_and_not_in_it() -> None:
    [first] = merging.unforeseen(MAIL, "token")
    [other] = merging.unforeseen(replace(MAIL, text=MAIL.text + first), "token")
    assert first.startswith("token_")
    assert first == merging.unforeseen(MAIL, "token", "another")[0]
    assert other not in MAIL.text + first


def test_a_message_needs_room_for_the_headers_that_are_its_own() -> None:
    count = merging.room(MAIL, 1000, 100_000, 10_000, 100)
    long = replace(MAIL, headers={"List-Unsubscribe": f"<https://example.org/{'x' * 900}/{TOKEN}>"})
    assert 1 < merging.room(long, 1000, 100_000, 10_000, 100) < 90_000 / (100 + 900) < count
    assert merging.room(MAIL, 50, 10**9, 0, 100) == 50
    assert merging.room(MAIL, 50, 100, 10**9, 100) == 1
