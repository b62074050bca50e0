"""Lists of addresses: the good taken, each bad row named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import csvfile
from newsletter.model import Account


@pytest.mark.parametrize(
    "text",
    [
        "email\na@x.org\nb@x.org\n",
        "name,Email\nA,a@x.org\nB,b@x.org\n",
        "a@x.org\nb@x.org\n",
        "\ufeffemail\r\na@x.org\r\n\r\nb@x.org\r\n",
        ' "email" \n"a@x.org"\n b@x.org \n',
        "E-Mail,x\na@x.org,\nb@x.org",
    ],
)
def test_it_reads_addresses_from(text: str) -> None:
    rows = csvfile.read("a.csv", text.encode())
    assert rows.emails == ("a@x.org", "b@x.org")
    assert not rows.problems


def test_it_names_each_bad_row() -> None:
    content = b"email\na@x.org\nnobody\nb@\xff.org\n,\na b@x.org\nc@x.org\n"
    rows = csvfile.read("a.csv", content)
    assert rows.emails == ("a@x.org", "c@x.org")
    assert [(p.path, p.line) for p in rows.problems] == [("a.csv", 4), ("a.csv", 3), ("a.csv", 6)]


def test_it_brings_a_domain_to_ascii() -> None:
    rows = csvfile.read("a.csv", "a@bücher.example.com\n".encode())
    assert rows.emails == ("a@xn--bcher-kva.example.com",)


def test_it_keeps_apart_who_has_left() -> None:
    rows = csvfile.read("a.csv", b"email,standing\na@x.org,confirmed\nb@x.org,unsubscribed\n")
    assert (rows.emails, rows.left) == (("a@x.org",), ("b@x.org",))


def test_it_reads_back_what_it_writes() -> None:
    accounts = [
        Account("a@x.org", "confirmed", "2026", 'how, "so"'),
        Account("b@x.org", "unsubscribed", "", ""),
    ]
    rows = csvfile.read("a.csv", csvfile.write(accounts).encode())
    assert (rows.emails, rows.left, rows.problems) == (("a@x.org",), ("b@x.org",), ())


@given(st.binary(max_size=300))
def test_it_survives_any_bytes(content: bytes) -> None:
    rows = csvfile.read("a.csv", content)
    assert all(problem.line for problem in rows.problems)
