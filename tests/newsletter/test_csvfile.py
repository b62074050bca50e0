"""Lists of addresses: the good taken, each bad row named, and no row costs another."""

import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import csvfile
from newsletter.addresses import normalise
from newsletter.csvfile import Row
from newsletter.model import Account
from press.fields import Wrong
from press.problems import Problem


def read(content: bytes) -> list[Row | Problem]:
    return list(csvfile.read("a.csv", io.BytesIO(content)))


def emails(content: bytes) -> list[str]:
    return [one.email for one in read(content) if isinstance(one, Row)]


def bad(content: bytes) -> list[Problem]:
    return [one for one in read(content) if isinstance(one, Problem)]


@pytest.mark.parametrize(
    "text",
    [
        "email\na@x.org\nb@x.org\n",
        "name,Email\nA,a@x.org\nB,b@x.org\n",
        "name;E-Mail\nA;a@x.org\nB;b@x.org\n",
        "name\temail\nA, B\ta@x.org\nB\tb@x.org\n",
        "a@x.org\nb@x.org\n",
        "\ufeffemail\r\na@x.org\r\n\r\nb@x.org\r\n",
        "email\ra@x.org\rb@x.org\r",
        ' "email" \n"a@x.org"\n b@x.org \n',
        "E-Mail,x\na@x.org,\nb@x.org",
        'email,note\na@x.org,"one\ntwo, ""three"""\nb@x.org,5" wide\n',
        "email,é\na@x.org,é\nb@x.org,\x85\u2028\n",
    ],
)
def test_it_reads_addresses_from(text: str) -> None:
    assert read(text.encode()) == [Row("a@x.org"), Row("b@x.org")]


def test_it_names_each_bad_row_in_the_order_of_the_file() -> None:
    content = b"email\na@x.org\nnobody\nb@\xff.org\n,\na b@x.org\nc@x.org\n"
    assert emails(content) == ["a@x.org", "c@x.org"]
    assert [(one.path, one.line) for one in bad(content)] == [("a.csv", n) for n in (3, 4, 6)]


def test_a_bad_row_is_shown_without_what_it_would_do_to_a_screen() -> None:
    [problem] = bad(b"email\nno\x1b[2J\xe2\x80\xaebody\xff\n")
    assert all(line.isprintable() for line in str(problem).splitlines())
    assert "no\ufffd[2J" in problem.excerpt


@pytest.mark.parametrize(
    "row", ['"a@x.org', '"a"@x.org', 'a@x.org,"', '"', '"a@x.org"x', 'a@x.org,"\n\n"x']
)
def test_a_stray_quote_costs_its_own_row(row: str) -> None:
    rest = "".join(f"reader{n}@x.org\n" for n in range(300))
    content = f"email,note\n{row}\n{rest}".encode()
    assert emails(content) == [f"reader{n}@x.org" for n in range(300)]
    assert bad(content)[0].line == 2


def test_rows_that_may_be_within_a_quote_are_never_lost_without_a_word() -> None:
    content = b'email,note\na@x.org,"\nb@x.org,\nc@x.org,"\nd@x.org\n'
    assert emails(content) == ["d@x.org"]
    [problem] = bad(content)
    assert problem.line == 2
    assert "goes on for 3 lines" in problem.message


def test_many_stray_quotes_take_no_long_time() -> None:
    content = b"email,note\n" + b'"a@x.org\nb@x.org,\n' * 2000
    assert emails(content) == ["b@x.org"] * 2000
    assert [one.line for one in bad(content)] == [*range(2, 4002, 2)]


def test_a_row_may_be_too_long_to_read() -> None:
    content = b'email\n"' + b"x" * 200_000 + b'"\na@x.org\n' + b"y" * 200_000 + b"@x.org\n"
    assert emails(content) == ["a@x.org"]
    assert [one.line for one in bad(content)] == [2, 4]


def test_another_encoding_is_named_row_by_row() -> None:
    for encoding in ("utf-16", "utf-32", "utf-16-le"):
        assert emails("email\na@x.org\nb@x.org\n".encode(encoding)) == []
        assert bad("email\na@x.org\nb@x.org\n".encode(encoding))
    content = "email,name\na@x.org,J\xfcrgen\nb@x.org,Anna\n".encode("latin-1")
    assert emails(content) == ["b@x.org"]
    assert [one.line for one in bad(content)] == [2]


def test_it_brings_a_domain_to_ascii() -> None:
    content = "a@bücher.example.com\nb@BÜCHER.example.com\nc@bücher.example.com".encode()
    assert emails(content) == [f"{name}@xn--bcher-kva.example.com" for name in "abc"]


@pytest.mark.parametrize("said", ["unsubscribed", "Unsubscribed", "suppressed", "erased"])
def test_it_keeps_apart_who_has_left(said: str) -> None:
    content = f"email,standing\na@x.org,confirmed\nb@x.org,{said}\nc@x.org,\nd@x.org\n".encode()
    left = [one.left for one in read(content) if isinstance(one, Row)]
    assert left == [False, True, False, False]


def test_whoever_may_not_have_agreed_is_not_taken() -> None:
    content = b"email,standing\na@x.org,pending\nb@x.org,confirmed\n"
    assert emails(content) == ["b@x.org"]
    assert "`pending` is neither confirmed nor unsubscribed" in bad(content)[0].message


GONE = [
    "email,status\na@x.org,unsubscribed",
    "email,state\na@x.org,Unsubscribed",
    "email,subscribed\na@x.org,false",
    "email,unsubscribed\na@x.org,yes",
    "email,unsubscribed_at\na@x.org,2026-01-01",
    "email,opt-out\na@x.org,1",
    "email,Opted Out\na@x.org,X",
    "email,bounced\na@x.org,true",
    "Email;Status\na@x.org;abgemeldet",
    "Email Address,OPTIN_TIME,UNSUB_TIME,UNSUB_REASON\na@x.org,2020-01-01,2026-01-01 10:00:00,NO",
    "Email Address,CLEAN_TIME\na@x.org,2026-01-01 10:00:00",
    "email,name,subscribed_to_emails,complimentary_plan\na@x.org,A,false,false",
    "email,active_subscription,email_disabled\na@x.org,false,true",
    "email,IsUnsubscribed\na@x.org,True",
    'EMAIL,EMAIL_BLACKLISTED\na@x.org,"Jan 2, 2026"',
    "email,deleted_at,status\na@x.org,02.01.2026,active",
    "email,status,status\na@x.org,unsubscribed,active",
]
"""As Mailchimp, Ghost, Substack, Mailjet, Brevo and people write it."""


@pytest.mark.parametrize("text", GONE)
def test_nobody_is_taken_whom_the_file_calls_gone(text: str) -> None:
    assert read(text.encode()) == [Row("a@x.org", left=True)]


@pytest.mark.parametrize(
    "text",
    [
        "email,status\na@x.org,subscribed\nb@x.org,Active",
        "email,subscribed\na@x.org,true\nb@x.org,2024-05-01",
        "email,unsubscribed_at\na@x.org,\nb@x.org,0000-00-00 00:00:00",
        "email,unsubscribed,bounced\na@x.org,no,0\nb@x.org,FALSE,",
        "email,active_subscription,email_disabled\na@x.org,false,false\nb@x.org,true,false",
        "email,unsubscribe_url\na@x.org,https://x.org/u/2026-01-01\nb@x.org,https://x.org/u/1",
        "email,name,tags\na@x.org,Left,vip\nb@x.org,Removed,new",
        "email,address\na@x.org,1 High Street\nb@x.org,",
        "email,email2\na@x.org,a@x.org\n,b@x.org",
    ],
)
def test_it_takes_whom_the_file_calls_told(text: str) -> None:
    assert read(text.encode()) == [Row("a@x.org"), Row("b@x.org")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("email,status\na@x.org,5.1.1", "`5.1.1` is neither confirmed nor unsubscribed (`status`)"),
        ("email,state\na@x.org,CA", "`CA` is neither"),
        ("email,subscribed\na@x.org,", "`` is neither"),
        ("email,opt_in\na@x.org,no", "`no` is neither"),
        ("email,unsubscribed\na@x.org,perhaps", "`perhaps` is neither"),
        ("email,status\na@x.org,?", "`?` is neither"),
        ("email,type\na@x.org,Unsubscribed", "what does `Unsubscribed` mean here?"),
        ("email\na@x.org,unsubscribed", "more cells than the header"),
        ("a@x.org,unsubscribed", "what does `unsubscribed` mean here?"),
        ("a@x.org,Ada", "what does `Ada` mean here?"),
        ("a@x.org; b@x.org", "what does `b@x.org` mean here?"),
        ("email,email\na@x.org,b@x.org", "several addresses"),
        ("email,second email\na@x.org,b@x.org", "several addresses"),
        ("email\na@x.org; b@x.org", "no address"),
    ],
)
def test_a_row_that_may_mean_something_else_is_named(text: str, message: str) -> None:
    [problem] = read(f"{text}\n".encode())
    assert isinstance(problem, Problem)
    assert message in problem.message


def test_it_reads_back_what_it_writes() -> None:
    accounts = [
        Account("a@x.org", "confirmed", "2026", 'how, "so"\nand so'),
        Account("b@x.org", "unsubscribed", "", ""),
        Account("d@x.org", "confirmed", "2026", "unsubscribed"),
        Account("c@x.org", "suppressed", "", "bounced"),
    ]
    file = io.StringIO()
    assert csvfile.write(accounts, file) == 4
    assert read(file.getvalue().encode()) == [
        Row("a@x.org"), Row("b@x.org", left=True), Row("d@x.org"), Row("c@x.org", left=True),
    ]  # fmt: skip


def test_a_file_is_read_as_it_is_wanted() -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            text = (b"a@x.org\n" * (len(buffer) // 8 + 1))[: len(buffer)]
            buffer[:] = text
            return len(buffer)

    rows: Iterator[Row | Problem] = csvfile.read("a.csv", io.BufferedReader(Endless(), 4096))
    assert [next(rows) for _ in range(1000)] == [Row("a@x.org")] * 1000


@given(st.binary(max_size=300))
def test_it_survives_any_bytes(content: bytes) -> None:
    assert all(one.line for one in bad(content))


QUOTED = st.text(alphabet='a@x.org",;\n\t\r\x00é', max_size=60)


@given(QUOTED)
def test_it_survives_any_quotes(text: str) -> None:
    content = text.encode() + b"\nlast@x.org\n"
    assert all(one.line for one in bad(content))
    assert emails(content)[-1:] == ["last@x.org"] or any(
        one.line <= content.count(b"\n") + content.count(b"\r") for one in bad(content)
    )


LOCAL = st.text(alphabet="abAB019.+-_'\"é @", max_size=66) | st.sampled_from(
    ["info", "Info", "x" * 64]
)
DOMAIN = st.sampled_from(
    ["x.org", "X.org", "bücher.example", "xn--bcher-kva.example", "x", "x..org", "-x.org", "x.test",
     "localhost", "[127.0.0.1]", f"{'a' * 60}.{'b' * 60}.{'c' * 60}.org", "x.org."]
)  # fmt: skip


@given(st.lists(st.tuples(LOCAL, DOMAIN), min_size=1, max_size=5))
def test_it_is_as_strict_with_the_second_address_of_a_domain(pairs: list[tuple[str, str]]) -> None:
    addresses = csvfile._Addresses()
    for local, domain in [*pairs, *pairs]:
        text = f"{local}@{domain}".strip()
        try:
            expected = normalise(text)
        except Wrong:
            with pytest.raises(Wrong):
                addresses.read(text)
        else:
            assert addresses.read(text) == expected
