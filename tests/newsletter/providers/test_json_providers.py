"""Providers that take a mail written out for each message: what each request of theirs owes."""

import html
from dataclasses import replace
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.model import DELIVERY, TOKEN, Mail, Message
from tests.newsletter.providers.exchange import MAIL, messages
from tests.newsletter.providers.json_exchange import (
    ALL,
    BREVO,
    MAILJET,
    SECRETS,
    JsonExchange,
    asked,
)

OF_THEIR_OWN = {"postmark": (), "mailjet": ("message-id", "list-id"), "resend": ("message-id",),
                "brevo": ("message-id",)}  # fmt: skip
"""Headers that a provider doesn't let us set."""
MOST = {"postmark": 500, "mailjet": 50, "resend": 100, "brevo": 1000}
HOSTILE = (
    "{{ name }} {{{x}}} {% z %} {{ {# y #} {#",
    "%recipient.name% [[var:x]] [[data:y]] 100% *|UNSUB|* -token- <%x%> {{",
    "\\ \\\\ }} } { $x @y \\u0041 日本語 \u2028 \N{PILE OF POO}",
)
TEXTS = st.text(st.one_of(st.sampled_from("{}%#[]\\&<> \n"), st.characters(
    exclude_categories=["Cs", "Cc"], exclude_characters=TOKEN + DELIVERY + "\u2060")))  # fmt: skip


@pytest.fixture(params=ALL, ids=lambda exchange: exchange.name)
def exchange(request: pytest.FixtureRequest) -> JsonExchange:
    return request.param  # type: ignore[no-any-return]


def test_each_recipient_gets_the_mail_with_what_is_their_own(exchange: JsonExchange) -> None:
    given = messages(3)
    taken = exchange.sending(given).messages
    assert [one.delivery_id for one in taken] == [one.delivery_id for one in given]
    assert [one.recipient for one in taken] == [one.recipient for one in given]
    for message, got in zip(given, taken, strict=True):
        assert (got.sender, got.subject) == (MAIL.sender, MAIL.subject)
        assert got.text == message.personal(MAIL.text)
        assert got.html == message.personal(MAIL.html)
        headers = {name.lower(): value for name, value in got.headers.items()}
        assert headers.pop("reply-to") == MAIL.reply_to
        wanted = {name.lower(): message.personal(value) for name, value in MAIL.headers.items()}
        for name in OF_THEIR_OWN[exchange.name]:
            del wanted[name]
        assert headers == wanted


@given(TEXTS, TEXTS, st.sampled_from(ALL))
@example(HOSTILE[0], HOSTILE[1], BREVO)
@example(HOSTILE[1] + TOKEN, HOSTILE[0] + DELIVERY + HOSTILE[2], BREVO)
@example(f"{{{TOKEN}}} \\{DELIVERY}}} {{{{{TOKEN}", f"{{%{TOKEN}%}} {{#{TOKEN}#}}", BREVO)
@example("\n".join(HOSTILE), "<p>" + "<br>".join(HOSTILE), MAILJET)
def test_no_text_of_an_article_is_taken_for_a_placeholder(
    text: str, code: str, exchange: JsonExchange
) -> None:
    subject = " ".join(f"On {text[:99]} {TOKEN}".split())
    [message] = messages(1, replace(MAIL, text=text, html=code or "-", subject=subject))
    [got] = exchange.sending([message]).messages
    assert got.text == message.personal(text)
    assert html.unescape(got.html) == html.unescape(message.personal(code or "-"))
    assert got.subject == message.personal(subject)


@pytest.mark.parametrize("sender", [
    "news@example.org", "A. B. Series <news@example.org>", "Ünïcode – 日本語 <news@example.org>",
    "Very long " + "ä ß " * 30 + "<news@example.org>",
])  # fmt: skip
def test_a_sender_arrives_with_their_name(exchange: JsonExchange, sender: str) -> None:
    [got] = exchange.sending(messages(1, replace(MAIL, sender=sender))).messages
    name, address = parseaddr(sender)
    assert got.sender == (f"{name} <{address}>" if name else address)


@pytest.mark.parametrize("sender", [
    '"Æ, B (all)" <news@example.org>', '"evil@example.net" <news@example.org>',
    '"æ <evil@example.net>" <news@example.org>', '"a \\" b" <news@example.org>',
])  # fmt: skip
def test_no_name_is_taken_for_an_address(exchange: JsonExchange, sender: str) -> None:
    [got] = exchange.sending(messages(1, replace(MAIL, sender=sender))).messages
    assert got.sender.endswith(" <news@example.org>")


def test_the_same_messages_are_the_same_bytes_without_a_secret(exchange: JsonExchange) -> None:
    frozen = exchange.batch(messages(3)).payload
    turned = replace(MAIL, headers=dict(reversed(list(MAIL.headers.items()))))
    assert frozen == exchange.batch(messages(3, turned)).payload
    assert frozen != exchange.batch(messages(4)).payload
    request = exchange.request(messages(3))
    assert request == exchange.request(messages(3))
    for secret in SECRETS[exchange.name].values():
        assert secret.encode() not in request.body
        assert secret not in request.path + repr(request) + repr(exchange.access)


def test_credentials_are_those_of_the_request(exchange: JsonExchange) -> None:
    secrets = SECRETS[exchange.name]
    requests = [exchange.request(messages(1)), *exchange.file.questions(asked(1), exchange.access)]
    for asking in map(exchange.asking, requests):
        assert exchange.dialect.is_authorised(asking, secrets)
        for name in secrets:
            assert not exchange.dialect.is_authorised(asking, {**secrets, name: "another"})
        assert not exchange.dialect.is_authorised(replace(asking, headers={}), secrets)


@pytest.mark.parametrize("change", [
    ("a@example.net, b@example.net", "t", "d"), ("a@example.net\r\nBcc: b@example.net", "t", "d"),
    ("a@example.net", 'x"><script>', "d"), ("a@example.net", "t", "a b"),
])  # fmt: skip
def test_no_message_is_made_for_what_could_mean_more(
    exchange: JsonExchange, change: tuple[str, str, str]
) -> None:
    recipient, token, delivery_id = change
    with pytest.raises(ValueError, match="can be made"):
        exchange.batch([*messages(1), Message(MAIL, delivery_id, recipient, token, "")])


@pytest.mark.parametrize("mail", [
    replace(MAIL, subject="Hello\r\nBcc: all@example.org"),
    replace(MAIL, sender="A\r\nBcc: x <news@example.org>"),
    replace(MAIL, reply_to="A\r\nBcc: x <news@example.org>"),
    replace(MAIL, headers={"List-Id": "<a>\r\nBcc: all@example.org"}),
    replace(MAIL, headers={"List-Id: x\r\nBcc": "all@example.org"}),
])  # fmt: skip
def test_no_header_is_smuggled_in(exchange: JsonExchange, mail: Mail) -> None:
    with pytest.raises(ValueError, match="no header can be made"):
        exchange.batch(messages(1, mail))


def test_a_batch_is_as_large_as_the_provider_allows(exchange: JsonExchange) -> None:
    most = MOST[exchange.name]
    assert exchange.file.limit(MAIL) == most
    assert len(exchange.sending(messages(most)).messages) == most


@pytest.mark.parametrize("text", ["x", 'é{{%"\n'])
def test_a_long_mail_keeps_its_batch_within_the_bytes(
    exchange: JsonExchange, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert vars(exchange.file)["MOST_BYTES"] < 50_000_000
    mail = replace(MAIL, html=text * 20_000)
    most = 5 * len(exchange.batch(messages(1, mail)).payload)
    monkeypatch.setattr(exchange.file, "MOST_BYTES", most)
    count = exchange.file.limit(mail)
    assert 1 < count < exchange.file.limit(MAIL)
    assert len(exchange.request(messages(count, mail)).body) <= most
    assert exchange.file.limit(replace(MAIL, html=text * most)) == 1
