"""What every provider must do, found by walking their folder: a new one is tested by being there.

Each is played against an emulation of itself, whose memory says what was truly accepted.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from newsletter.connecting import connect
from newsletter.http import Access
from newsletter.model import Outcome
from newsletter.place import of_demonstration
from newsletter.providers import names
from newsletter.transport import OverHttp
from press.problems import ProblemsFound
from tests.newsletter.emulator import letters
from tests.newsletter.emulator.faults import Fault
from tests.newsletter.emulator.judging import batch, hand_over, secrets_in
from tests.newsletter.emulator.letters import MAIL
from tests.newsletter.emulator.stages import Stage, faults, stage

NAMES = ("ada", "bob", "eve")


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def on_stage(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with stage(name, tmp_path, monkeypatch) as made:
        yield made


each = pytest.mark.parametrize("name", names(), indirect=True)
each_over_http = pytest.mark.parametrize(
    "name", [name for name in names() if Fault.REDIRECT in faults(name)], indirect=True
)


@each
def test_it_takes_at_least_one_message(on_stage: Stage) -> None:
    assert on_stage.provider.limit(MAIL) >= 1
    assert on_stage.provider.limit(replace(MAIL, html="x" * 90_000)) >= 1


@each
def test_it_takes_as_many_as_it_says(on_stage: Stage) -> None:
    those = [f"reader{n}" for n in range(on_stage.provider.limit(MAIL))]
    handed = batch(on_stage, *those)
    receipts = on_stage.provider.hand_over(handed)
    assert [one.delivery_id for one in receipts] == list(handed.delivery_ids)
    assert {one.outcome for one in receipts} == {Outcome.ACCEPTED}
    assert len(on_stage.accepted()) == len(those)


@each
def test_it_freezes_the_same_messages_to_the_same_bytes_and_others_to_others(
    on_stage: Stage,
) -> None:
    freeze = on_stage.provider.freeze
    messages = letters.messages(*NAMES)
    same = [replace(one, mail=replace(MAIL)) for one in messages]
    assert freeze(messages) == freeze(same)
    others = [
        messages[:2],
        [*messages[:2], letters.message("joe")],
        [replace(one, mail=replace(MAIL, subject="Other")) for one in messages],
        [replace(one, mail=replace(MAIL, text="Other")) for one in messages],
        [replace(one, mail=replace(MAIL, html="Other")) for one in messages],
    ]
    assert len({freeze(messages), *map(freeze, others)}) == 1 + len(others)


@each
def test_what_is_frozen_has_no_secret(on_stage: Stage) -> None:
    payload = on_stage.provider.freeze(letters.messages(*NAMES))
    assert not secrets_in(on_stage, payload.decode("latin-1"))


@each
def test_each_gets_exactly_their_own_mail(on_stage: Stage) -> None:
    handed = batch(on_stage, *NAMES)
    receipts = on_stage.provider.hand_over(handed)
    assert [one.delivery_id for one in receipts] == list(handed.delivery_ids)
    assert [one.outcome for one in receipts] == [Outcome.ACCEPTED] * 3
    got = {one.recipient: one for one in on_stage.accepted()}
    assert len(got) == len(on_stage.accepted()) == 3
    messages = letters.messages(*NAMES)
    for message in messages:
        mail = got[message.recipient]
        assert mail.delivery_id == message.delivery_id
        assert (mail.sender, mail.subject) == (MAIL.sender, MAIL.subject)
        assert mail.text.rstrip("\n") == message.personal(MAIL.text).rstrip("\n")
        assert mail.html.rstrip("\n") == message.personal(MAIL.html).rstrip("\n")
        headers = {header.lower(): value for header, value in mail.headers.items()}
        assert headers["reply-to"] == MAIL.reply_to
        assert headers["list-unsubscribe"] == message.personal(MAIL.headers["List-Unsubscribe"])
        assert headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
        for header, value in MAIL.headers.items():  # some set a few by themselves
            assert headers.get(header.lower()) in (None, message.personal(value))
        assert not [one for one in messages if one is not message and one.token in repr(mail)]


@each
def test_a_plain_mail_arrives_as_it_was_written(on_stage: Stage) -> None:
    mail = replace(MAIL, sender="series@example.org", subject="Second", text="a\n", html="<p>b\n")
    on_stage.provider.hand_over(letters.batch(on_stage.provider, [letters.message("ada", mail)]))
    [got] = on_stage.accepted()
    assert (got.sender, got.subject) == ("series@example.org", "Second")
    assert (got.text.strip(), got.html.strip()) == ("a", "<p>b")


@each
@pytest.mark.parametrize("sender", ['"Müller, Jürgen" <a@example.org>', "é 😀 <a@example.org>"])
def test_a_sender_can_have_any_name(on_stage: Stage, sender: str) -> None:
    mail = replace(MAIL, sender=sender)
    on_stage.provider.hand_over(letters.batch(on_stage.provider, [letters.message("ada", mail)]))
    [got] = on_stage.accepted()
    assert _plain(got.sender) == _plain(sender)


def _plain(text: str) -> str:
    """Without what some providers can't have in a name."""
    return re.sub(r'["(),:;<>@\[\\\]\s]+', "", text)


@each
@pytest.mark.parametrize("field", ["subject", "sender", "reply_to"])
def test_no_header_can_be_smuggled_in(on_stage: Stage, field: str) -> None:
    bad = "A\r\nBcc: joe@example.org\r\n <a@example.org>"
    mail = replace(MAIL, **{field: bad})  # type: ignore[arg-type]
    try:
        handed = letters.batch(on_stage.provider, [letters.message("ada", mail)])
    except ValueError:
        return
    hand_over(on_stage.provider, handed)
    for one in on_stage.accepted():
        assert "\n" not in f"{one.sender}{one.subject}{''.join(one.headers.values())}"


@each_over_http
def test_its_requests_go_where_they_should_and_show_no_secret(on_stage: Stage) -> None:
    provider = cast("OverHttp", on_stage.provider)
    access = Access(provider.options, provider.secrets, provider.base, provider.clock())
    asked = letters.asked(letters.messages(*NAMES))
    handing = provider.file.request(batch(on_stage, *NAMES), access)
    for request in (handing, *provider.file.questions(asked, access)):
        assert request.path.startswith("/")
        assert not secrets_in(on_stage, f"{request} {access} {request.path}")


@each_over_http
def test_a_secret_that_is_not_there_is_a_problem(
    on_stage: Stage, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = cast("OverHttp", on_stage.provider)
    for variable, needed in provider.file.SECRETS.items():
        options = {option: value for option, value in provider.options.items() if value}
        with monkeypatch.context() as patch:
            patch.delenv(variable)
            if needed:
                with pytest.raises(ProblemsFound, match=variable):
                    connect(name, of_demonstration(tmp_path), options)


def test_a_name_of_no_provider_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound, match="did you mean `outbox`"):
        connect("outbix", of_demonstration(tmp_path))
