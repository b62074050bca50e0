"""Providers that merge one mail with each recipient's own: what all of them owe."""

import json
from dataclasses import replace
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.http import Refused, Response
from newsletter.model import DELIVERY, TOKEN, Failure, Mail, Message, Outcome
from tests.newsletter.providers.exchange import MAIL, SECRETS, Exchange, asked, messages

BULK = [Exchange("sendgrid"), Exchange("mailgun"), Exchange("ses")]
HOSTILE = (
    "{{ name }} {{token}} {{{x}}} {{#each}} \\{{y}} {% z %} {{",
    "%recipient.name% %recipient% %unsubscribe_url% 100% %20%recipient.token% 5%",
    "-token- -delivery- [unsubscribe] <%asm_group_unsubscribe_url%> :section #name#",
    "\\ \\\\ }} } { $x @y \\u0041 &#123; 日本語 \u2028 \N{PILE OF POO}",
)
TEXTS = st.text(st.one_of(st.sampled_from("{}%\\-_.:&<>tokendelivryc0 \n"), st.characters(
    exclude_categories=["Cs", "Cc"], exclude_characters=TOKEN + DELIVERY)))  # fmt: skip


@pytest.fixture(params=BULK, ids=lambda exchange: exchange.name)
def exchange(request: pytest.FixtureRequest) -> Exchange:
    return request.param  # type: ignore[no-any-return]


def test_each_recipient_gets_the_mail_with_what_is_their_own(exchange: Exchange) -> None:
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
        if exchange.name == "ses":  # it has identities of its own
            del wanted["message-id"]
        assert headers == wanted


@given(TEXTS, TEXTS, st.sampled_from(BULK))
@example(HOSTILE[0], HOSTILE[1], BULK[0])
@example(HOSTILE[1] + TOKEN, HOSTILE[2] + DELIVERY + HOSTILE[3], BULK[1])
@example(f"%off-{TOKEN}%{DELIVERY}%", f"50%{TOKEN} %a%b% %%{TOKEN}", BULK[1])
@example(HOSTILE[0] + HOSTILE[3], f"{{{TOKEN}}} \\{DELIVERY}}} {{{{{TOKEN}", BULK[2])
@example("\n".join(HOSTILE), "<p>" + "<br>".join(HOSTILE), BULK[0])
def test_no_text_of_an_article_is_taken_for_a_placeholder(
    text: str, html: str, exchange: Exchange
) -> None:
    subject = " ".join(f"{text} {TOKEN}".split())
    mail = replace(MAIL, text=text, html=html, subject=subject)
    [message] = messages(1, mail)
    [got] = exchange.sending([message]).messages
    assert (got.text, got.html) == (message.personal(text), message.personal(html))
    assert got.subject == message.personal(subject)


@pytest.mark.parametrize("sender", [
    "news@example.org", "A. B. Series <news@example.org>", "Ünïcode – 日本語 <news@example.org>",
    "Very long " + "ä ß " * 30 + "<news@example.org>",
])  # fmt: skip
def test_a_sender_arrives_with_their_name(exchange: Exchange, sender: str) -> None:
    [got] = exchange.sending(messages(1, replace(MAIL, sender=sender))).messages
    name, address = parseaddr(sender)
    assert got.sender == (f"{name} <{address}>" if name else address)


def test_the_same_messages_are_the_same_bytes_without_a_secret(exchange: Exchange) -> None:
    frozen = exchange.batch(messages(3)).payload
    assert frozen == exchange.batch(messages(3)).payload
    assert frozen != exchange.batch(messages(4)).payload
    request = exchange.request(messages(3))
    assert request.body == frozen
    for secret in SECRETS[exchange.name].values():
        assert secret.encode() not in frozen
        assert secret not in request.path + repr(request) + repr(exchange.access)


def test_credentials_are_those_of_the_request(exchange: Exchange) -> None:
    secrets = SECRETS[exchange.name]
    asking = exchange.asking(exchange.request(messages(1)))
    assert exchange.dialect.is_authorised(asking, secrets)
    for name in secrets:
        assert not exchange.dialect.is_authorised(asking, {**secrets, name: "another"})
    bare = replace(asking, headers={"host": asking.headers["host"]})
    assert not exchange.dialect.is_authorised(bare, secrets)


@pytest.mark.parametrize("change", [
    ("a@example.net, b@example.net", "t", "d"), ("a@example.net\r\nBcc: b@example.net", "t", "d"),
    ("a@example.net", 'x"><script>', "d"), ("a@example.net", "t", "a b"),
])  # fmt: skip
def test_no_message_is_made_for_what_could_mean_more(
    exchange: Exchange, change: tuple[str, str, str]
) -> None:
    recipient, token, delivery_id = change
    with pytest.raises(ValueError, match="can be made"):
        exchange.batch([*messages(1), Message(MAIL, delivery_id, recipient, token, "")])


@pytest.mark.parametrize("mail", [
    replace(MAIL, subject="Hello\r\nBcc: all@example.org"),
    replace(MAIL, sender="A\r\nBcc: x <news@example.org>"),
    replace(MAIL, headers={"List-Id": "<a>\r\nBcc: all@example.org"}),
    replace(MAIL, headers={"List-Id: x\r\nBcc": "all@example.org"}),
])  # fmt: skip
def test_no_header_is_smuggled_in(exchange: Exchange, mail: Mail) -> None:
    with pytest.raises(ValueError, match="no header can be made"):
        exchange.batch(messages(1, mail))


def test_a_batch_is_as_large_as_the_provider_allows(exchange: Exchange) -> None:
    most = {"sendgrid": 1000, "mailgun": 1000, "ses": 50}[exchange.name]
    assert exchange.file.limit(MAIL) == most
    assert len(exchange.sending(messages(most)).messages) == most


@pytest.mark.parametrize("text", ["x", 'é{%&%"\n'])
def test_a_long_mail_keeps_its_batch_within_the_bytes(
    exchange: Exchange, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    documented = {"sendgrid": 30_000_000, "mailgun": 25_000_000, "ses": 1_000_000}[exchange.name]
    assert vars(exchange.file)["MOST_BYTES"] <= documented
    mail = replace(MAIL, html=text * 20_000)
    most = len(exchange.batch(messages(1, mail)).payload) + 45_000
    monkeypatch.setattr(exchange.file, "MOST_BYTES", most)
    count = exchange.file.limit(mail)
    assert 1 < count < exchange.file.limit(MAIL)
    assert len(exchange.batch(messages(count, mail)).payload) <= most
    assert exchange.file.limit(replace(MAIL, html=text * (most // len(text)))) == 1


def test_all_of_an_accepted_request_are_accepted(exchange: Exchange) -> None:
    sending = exchange.sending(messages(3))
    reply = exchange.dialect.accepted(sending, {}, ["id-0", "id-1", "id-2"])
    told = exchange.receipts(reply)
    assert [one.delivery_id for one in told] == [one.delivery_id for one in messages(3)]
    assert {one.outcome for one in told} == {Outcome.ACCEPTED}
    assert "id-0" in told[0].detail


@pytest.mark.parametrize("failure", [
    Failure.REQUEST, Failure.AUTH, Failure.THROTTLED, Failure.QUOTA,
])  # fmt: skip
def test_a_refusal_says_why_and_no_secret(exchange: Exchange, failure: Failure) -> None:
    said = f"no, not for {' '.join(SECRETS[exchange.name].values())}"
    with pytest.raises(Refused) as caught:
        exchange.receipts(exchange.dialect.refused(failure, said))
    assert caught.value.failure is failure
    assert not any(secret in str(caught.value) for secret in SECRETS[exchange.name].values())
    if failure is Failure.THROTTLED and exchange.name != "ses":
        assert caught.value.wait is not None
        assert 0 <= caught.value.wait <= 1


@pytest.mark.parametrize("status", [200, 201, 202, 204, 500, 502, 503, 504, 302, 418])
@pytest.mark.parametrize("body", [
    b"", b"<html>", b"null", b"[]", b"[1]", b'"x"', b"{}", b'{"id": 5}', b"\xff\xfe", b"[" * 99_999,
    b'{"errors": [1, null]}', b'{"errors": 5}', b'{"BulkEmailEntryResults": [[], 1, null]}',
    b'{"BulkEmailEntryResults": [{}, {}, {"Status": {}}]}', b'{"__type": [], "message": {}}',
])  # fmt: skip
def test_an_answer_that_makes_no_sense_is_never_an_acceptance(
    exchange: Exchange, status: int, body: bytes
) -> None:
    if (exchange.name, status) == ("sendgrid", 202):
        return  # it says nothing more
    with pytest.raises(Refused) as caught:
        exchange.receipts(Response(status, {}, body))
    wanted = Failure.REQUEST if 300 <= status < 500 else Failure.AMBIGUOUS
    assert caught.value.failure is wanted


@given(st.sampled_from(BULK), st.integers(100, 599), st.binary() | st.recursive(
    st.none() | st.integers() | st.text() | st.booleans(), lambda inner: st.lists(inner)
    | st.dictionaries(st.sampled_from(["errors", "message", "field", "id", "items", "messages",
    "BulkEmailEntryResults", "Status", "Error", "to_email", "tags", "user-variables"]), inner),
).map(lambda told: json.dumps(told).encode()))  # fmt: skip
def test_no_answer_is_a_crash(exchange: Exchange, status: int, body: bytes) -> None:
    response = Response(status, {"x-amzn-errortype": "x", "retry-after": "soon"}, body)
    try:
        told = exchange.receipts(response)
    except Refused:
        told = []
    told += exchange.file.evidence([response] * 2, asked(2))
    assert {one.delivery_id for one in told} <= {one.delivery_id for one in messages(3)}


def test_what_is_asked_of_nobody_is_nothing(exchange: Exchange) -> None:
    assert list(exchange.file.questions([], exchange.access)) == []
    assert exchange.file.evidence([], asked(2)) == []
