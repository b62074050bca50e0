"""What every webhook must do, found by walking their folder: a new one is tested by being there.

Each is told by an imitation of its provider. A ledger is compared row by row: what is forged, cut
off, late or told again changes none of them.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from newsletter import hooks, webhooks
from newsletter.hooks import Answer, Hooks
from newsletter.model import Fate
from newsletter.store.evidence import AFTER_EVENT, CLOSES
from newsletter.store.schema import delivery, installation
from newsletter.webhooks import Incoming
from tests.newsletter import ledgers, tellers
from tests.newsletter.conftest import Told
from tests.newsletter.ledgers import LOST, forgetful
from tests.newsletter.tellers import Teller, teller

NOW = datetime(2026, 2, 1, 10, tzinfo=UTC)
OURS, OLD, THEIRS = range(tellers.KEYS)
"""Keys: the one that is configured, the one before it, and somebody else's."""


@dataclass
class Stage:
    """A series that has told some people, and a provider that tells of them."""

    series: Told
    name: str
    configured: Sequence[int] = (OURS, OLD)
    now: datetime = NOW
    ids: list[str] = field(default_factory=list)

    @property
    def teller(self) -> Teller:
        return teller(self.name)

    @property
    def hooks(self) -> Hooks:
        secrets = {self.name: [self.teller.secret(number) for number in self.configured]}
        made = self.series.sender.journal
        return Hooks(
            self.series.database, made, secrets, clock=lambda: self.now, fetch=tellers.fetch
        )

    def tell_people(self, *names: str, answer: object = "accepted") -> None:
        self.series.subscribe(*names)
        ledgers.send(self.series, forgetful(answer, size=99), "newest")
        with self.series.database.transaction() as connection:
            query = select(delivery.c.id).order_by(delivery.c.subscriber_id)
            self.ids = list(connection.execute(query).scalars())

    def event(self, fate: Fate, which: int = 0, number: int = 1) -> object:
        return self.teller.event(fate, self.ids[which], number)

    def request(
        self, *events: object, key: int = OURS, at: datetime = NOW, body: bytes | None = None
    ) -> Incoming:
        raw = self.teller.body(events) if body is None else body
        return self.teller.request(raw, key, at)

    def take(self, request: Incoming) -> Answer:
        return self.hooks.take(self.name, request)

    def tell(self, fate: Fate, which: int = 0, number: int = 1) -> None:
        assert self.take(self.request(self.event(fate, which, number))).status == 200

    def rows(self) -> ledgers.Rows:
        return ledgers.everything(self.series.database)

    def events(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self.rows()["event"] if row["kind"] != "used"]

    def require_unchanged(self, request: Incoming, *statuses: int) -> None:
        before, journal = self.rows(), self.journal()
        assert self.take(request).status in statuses
        assert self.rows() == before
        assert self.journal() == journal

    def journal(self) -> bytes:
        path = self.series.sender.journal.path
        return path.read_bytes() if path.exists() else b""

    def suppressed(self) -> dict[str, str]:
        return {row["mailbox"]: row["reason"] for row in self.rows()["suppression"]}


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stage(name: str, embedded: Told) -> Stage:
    made = Stage(embedded, name)
    made.tell_people("ada", "bob", "eve")
    return made


@pytest.fixture
def anywhere(name: str, series: Told) -> Stage:
    """The same, with each engine, and nobody told."""
    return Stage(series, name)


each = pytest.mark.parametrize("name", webhooks.names(), indirect=True)


def those(wanted: Callable[[Teller], bool]) -> pytest.MarkDecorator:
    names = [name for name in webhooks.names() if wanted(teller(name))]
    return pytest.mark.parametrize("name", names, indirect=True)


def test_each_webhook_has_a_teller_and_a_provider() -> None:
    from newsletter import providers

    assert tellers.names() == sorted(webhooks.names())
    assert set(webhooks.names()) <= set(providers.names())


@each
def test_each_fate_comes_to_its_state(anywhere: Stage) -> None:
    anywhere.tell_people(*(f"reader{n}" for n, _ in enumerate(anywhere.teller.FATES)))
    before = anywhere.journal()
    expected = {"accepted": 0}
    for number, fate in enumerate(anywhere.teller.FATES):
        anywhere.tell(fate, number, number)
        state = AFTER_EVENT.get(fate, "accepted")
        state = "accepted" if state == "rejected" else str(state)  # its acceptance stands
        expected[state] = expected.get(state, 0) + 1
    assert anywhere.series.states() == expected
    assert [row["kind"] for row in anywhere.events()] == list(anywhere.teller.FATES)
    shut = {*CLOSES, Fate.UNSUBSCRIBED} & set(anywhere.teller.FATES)
    assert len(anywhere.suppressed()) == len(shut)
    assert anywhere.journal().removeprefix(before).count(b"sha256:") == len(shut)
    with anywhere.series.database.transaction() as connection:
        ledgers.require_true_tallies(connection)


@each
@pytest.mark.parametrize("fate", [Fate.DELIVERED, Fate.BOUNCED, Fate.COMPLAINED])
def test_an_event_settles_what_is_unknown(anywhere: Stage, fate: Fate) -> None:
    anywhere.tell_people("ada", answer=LOST)
    assert anywhere.series.states() == {"unknown": 1}
    anywhere.tell(fate)
    assert anywhere.series.states() == {str(fate): 1}


@each
def test_delivered_after_bounced_changes_nothing_but_is_kept(anywhere: Stage) -> None:
    anywhere.tell_people("ada")
    anywhere.tell(Fate.BOUNCED)
    before = anywhere.rows()
    anywhere.tell(Fate.DELIVERED, number=2)
    after = anywhere.rows()
    assert len(after["event"]) > len(before["event"])
    assert {**after, "event": ()} == {**before, "event": ()}


@each
def test_what_another_key_vouches_for_changes_no_row(stage: Stage) -> None:
    for fate in stage.teller.FATES:
        stage.require_unchanged(stage.request(stage.event(fate), key=THEIRS), 401)


@each
def test_what_nothing_vouches_for_changes_no_row(stage: Stage) -> None:
    body = stage.teller.body([stage.event(Fate.BOUNCED)])
    headers = stage.request(stage.event(Fate.BOUNCED)).headers
    stage.require_unchanged(Incoming({}, body), 401)
    for name in headers:
        for value in ("", "x", "Basic", "Bearer \udcff", headers[name][:-1], f"{headers[name]}x"):
            stage.require_unchanged(Incoming({**headers, name: value}, body), 401)
        without = {other: headers[other] for other in headers if other != name}
        stage.require_unchanged(Incoming(without, body), 401)


@each
def test_what_is_cut_off_changes_no_row(stage: Stage) -> None:
    whole = stage.request(stage.event(Fate.BOUNCED))
    for length in range(0, len(whole.body.rstrip()), 7):
        stage.require_unchanged(Incoming(whole.headers, whole.body[:length]), 400, 401)


@those(lambda one: one.SIGNS)
def test_a_signed_body_can_not_be_another(stage: Stage) -> None:
    whole = stage.request(stage.event(Fate.DELIVERED))
    other = whole.body.replace(stage.ids[0].encode(), stage.ids[1].encode())
    assert other != whole.body
    stage.require_unchanged(Incoming(whole.headers, other), 401)


@those(lambda one: one.HAS_TIME)
@pytest.mark.parametrize("seconds", [-400, 2 * 86_400, 10**9])
def test_what_does_not_come_in_time_changes_no_row(stage: Stage, seconds: int) -> None:
    at = NOW - timedelta(seconds=seconds)
    stage.require_unchanged(stage.request(stage.event(Fate.BOUNCED), at=at), 401)


@those(lambda one: one.HAS_TIME)
def test_what_comes_in_time_is_taken(stage: Stage) -> None:
    for number, seconds in enumerate((-290, 290)):
        request = stage.request(
            stage.event(Fate.DELIVERED, number, number), at=NOW - timedelta(seconds=seconds)
        )
        assert stage.take(request).status == 200
    assert stage.series.states() == {"delivered": 2, "accepted": 1}


@each
def test_what_is_replayed_changes_no_row(stage: Stage) -> None:
    for number, fate in enumerate(stage.teller.FATES):
        request = stage.request(stage.event(fate, number % 3, number))
        assert stage.take(request).status == 200
        for _ in range(2):
            stage.require_unchanged(request, 200)


@each
def test_an_event_that_is_told_anew_is_kept_once(stage: Stage) -> None:
    """As after an answer that the provider did not see: it signs anew, some time later."""
    for minutes in (0, 1, 2):
        stage.now = NOW + timedelta(minutes=minutes)
        request = stage.request(stage.event(Fate.SOFT), at=stage.now)
        assert stage.take(request).status == 200
    assert [row["kind"] for row in stage.events()] == ["soft"]
    assert [row["soft_bounces"] for row in stage.rows()["subscriber"]] == [1, 0, 0]


@each
def test_two_secrets_are_good_while_they_change(stage: Stage) -> None:
    for number, key in enumerate((OURS, OLD)):
        request = stage.request(stage.event(Fate.DELIVERED, number, number), key=key)
        assert stage.take(request).status == 200
    assert stage.series.states() == {"delivered": 2, "accepted": 1}
    stage.configured = (OURS,)
    stage.require_unchanged(stage.request(stage.event(Fate.BOUNCED, 2), key=OLD), 401)


@each
def test_an_event_that_nobody_knows_is_kept_and_changes_nothing(stage: Stage) -> None:
    before = stage.rows()
    known = json.dumps(stage.event(Fate.DELIVERED)).lower()
    for word in ("delivered", "delivery", "sent"):
        known = known.replace(f'"{word}"', '"teleported"').replace(f".{word}", ".teleported")
    strange = json.loads(known)
    assert stage.take(stage.request(strange)).status == 200
    assert stage.take(stage.request({"a": ["new", {"kind": None}]})).status == 200
    assert {row["kind"] for row in stage.events()} == {"other"}
    assert len(stage.events()) == 2
    assert {**stage.rows(), "event": ()} == {**before, "event": ()}


STRANGE: Sequence[object] = ("nobody", "", "\0", "\ud800", "x" * 500, 7, None, [], {"a": 1})


@each
def test_what_is_told_of_nobodys_mail_is_kept_and_shuts_nothing(anywhere: Stage) -> None:
    anywhere.tell_people("ada")
    for number, strange in enumerate(STRANGE):
        event = anywhere.teller.event(Fate.BOUNCED, cast("str", strange), number)
        assert anywhere.take(anywhere.request(event)).status == 200, strange
        assert len(anywhere.events()) == number + 1
    assert anywhere.series.states() == {"accepted": 1}
    assert anywhere.suppressed() == {}


@those(lambda one: one.MANY)
def test_a_bad_item_among_many_loses_no_other(anywhere: Stage) -> None:
    anywhere.tell_people("ada", "bob", "eve")
    good = [anywhere.event(Fate.DELIVERED, 0), anywhere.event(Fate.BOUNCED, 1)]
    bad: list[object] = [None, 7, "text", [], [[]], {}, {"event": 7}, {"event": None}]
    events = [good[0], *bad, good[1], good[0], anywhere.event(Fate.COMPLAINED, 2)]
    assert anywhere.take(anywhere.request(*events)).status == 200
    assert anywhere.series.states() == {"delivered": 1, "bounced": 1, "complained": 1}
    assert anywhere.take(anywhere.request(*events)).status == 200
    kinds = [row["kind"] for row in anywhere.events()]
    assert len(kinds) == len(events) - 1
    assert sorted({*kinds}) == ["bounced", "complained", "delivered", "other"]


NO_JSON = (b"", b"\xff\xfe{\0}\0", b'{"a": "\xe9"}', b"{", b"[" * 99_999)


@each
def test_what_is_no_json_of_utf_8_is_refused_however_well_it_is_signed(stage: Stage) -> None:
    """Mailgun's signature is in what can't be read then; of SNS, such an event is a text."""
    for body in NO_JSON:
        if stage.name == "ses":
            assert stage.take(stage.request(body=body)).status in (200, 400)
            assert {row["kind"] for row in stage.events()} <= {"other"}
        else:
            stage.require_unchanged(stage.request(body=body), 400, 401)
    assert stage.series.states() == {"accepted": 3}


@each
def test_more_than_a_provider_sends_is_refused(stage: Stage) -> None:
    event = {"event": "x" * hooks.MOST_BYTES}
    stage.require_unchanged(stage.request(event), 413)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda some: (
        st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=9), some, max_size=3)
    ),
    max_leaves=8,
)


@each
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_is_well_signed_is_answered(stage: Stage, data: st.DataObject) -> None:
    """An event of which any part is another thing, or that is no event at all."""
    event = json.loads(json.dumps(stage.event(data.draw(st.sampled_from(stage.teller.FATES)))))
    places = list(_places(event))
    for place in data.draw(st.lists(st.sampled_from(places), max_size=3)):
        place[0][place[1]] = data.draw(JSON)
    told = data.draw(st.sampled_from([event, [event], [[event]]]) | JSON)
    before = len(stage.rows()["delivery"])
    assert stage.take(stage.request(body=json.dumps(told).encode())).status in (200, 400, 401)
    assert len(stage.rows()["delivery"]) == before


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


@each
def test_while_the_ledger_is_elsewhere_it_is_asked_to_tell_again(stage: Stage) -> None:
    request = stage.request(stage.event(Fate.BOUNCED))
    with stage.series.database.transaction() as connection:
        connection.execute(update(installation).values(moved_to="elsewhere"))
    stage.require_unchanged(request, 503)
    with stage.series.database.transaction() as connection:
        connection.execute(update(installation).values(moved_to=None))
    assert stage.take(request).status == 200
    assert stage.series.states() == {"bounced": 1, "accepted": 2}


@each
def test_without_a_secret_there_is_nothing(stage: Stage) -> None:
    stage.configured = ()
    stage.require_unchanged(stage.request(stage.event(Fate.BOUNCED)), 404)


def test_a_name_of_nobody_is_answered_alike(embedded: Told) -> None:
    made = Hooks(embedded.database, embedded.sender.journal, {})
    answers = {made.take(name, Incoming({}, b"")) for name in ("", "smtp", "../x", "postmark")}
    assert answers == {hooks.NOBODY}


@each
def test_no_secret_and_no_address_is_shown(stage: Stage) -> None:
    made = stage.hooks
    good, bad = (stage.request(stage.event(Fate.BOUNCED), key=key) for key in (OURS, THEIRS))
    shown = f"{made!r} {good!r} {bad!r} {made.take(stage.name, bad)!r}"
    shown += repr(webhooks.Told(Fate.OTHER, "", good.body.decode()))
    for hidden in (*made.secrets[stage.name], stage.teller.secret(THEIRS), "ada@", "Basic "):
        assert hidden not in shown


@each
def test_secrets_come_from_the_environment_two_at_a_time(name: str) -> None:
    variable = hooks._file(name).VARIABLE
    assert variable.startswith(f"{name.upper()}_")
    assert hooks.secrets_of({variable: " a \n"}) == {name: ("a",)}
    assert hooks.secrets_of({variable: "a", f"{variable}_OLD": "b"}) == {name: ("a", "b")}
    assert hooks.secrets_of({variable: "", f"{variable}_OLD": " "}) == {}


@each
def test_many_requests_are_kept_together(anywhere: Stage) -> None:
    anywhere.tell_people("ada", "bob", "eve")
    requests = [
        (anywhere.name, anywhere.request(anywhere.event(Fate.DELIVERED, 0))),
        (anywhere.name, anywhere.request(anywhere.event(Fate.BOUNCED, 1), key=THEIRS)),
        ("nobody", anywhere.request(anywhere.event(Fate.BOUNCED, 1))),
        (anywhere.name, anywhere.request(anywhere.event(Fate.COMPLAINED, 2))),
    ]
    answers = anywhere.hooks.take_all(requests)
    assert [one.status for one in answers] == [200, 401, 404, 200]
    assert anywhere.series.states() == {"delivered": 1, "accepted": 1, "complained": 1}


@each
def test_requests_that_come_at_once_are_each_answered(anywhere: Stage) -> None:
    anywhere.tell_people(*(f"reader{n}" for n in range(12)))
    made = anywhere.hooks
    requests = [anywhere.request(anywhere.event(Fate.DELIVERED, n, n)) for n in range(12)]
    calls = [lambda one=one: made.take(anywhere.name, one).status for one in requests * 2]
    assert ledgers.at_once(calls) == [200] * 24
    assert anywhere.series.states() == {"delivered": 12}
    assert len(anywhere.events()) == 12
