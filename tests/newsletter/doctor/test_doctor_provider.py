"""Whoever carries the mail: what each provider's account says of itself and of the sender."""

import json
import socket
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest

from newsletter import doctor_provider, providers
from newsletter.connecting import module
from newsletter.finding import Case
from newsletter.model import Failure
from newsletter.transport import OverHttp
from press.findings import Health
from tests.newsletter.doctor.conftest import Patient
from tests.newsletter.emulator import Asking, Reply
from tests.newsletter.emulator.relay import Relay
from tests.newsletter.emulator.server import dialect
from tests.newsletter.emulator.wire import Answer, Server

OK, WRONG, SKIPPED = Health.OK, Health.WRONG, Health.SKIPPED
HTTP = [name for name in providers.names() if hasattr(module(name), "SECRETS") and name != "smtp"]

PATHS = {
    "brevo": "/v3/senders/domains/press.test",
    "mailgun": "/v4/domains/mg.press.test",
    "mailjet": "/v3/REST/sender",
    "postmark": "/message-streams/broadcast",
    "resend": "/domains",
    "sendgrid": "/v3/scopes",
    "ses": "/v2/email/identities/press.test",
}
OPTIONS = {"mailgun": {"domain": "mg.press.test"}, "ses": {"region": "eu-west-1"}}
MAILGUN = {
    "domain": {"state": "active"},
    "sending_dns_records": [{"name": "mg.press.test"}, {"name": "k1._domainkey.mg.press.test"}],
}
SES = {"VerifiedForSendingStatus": True, "DkimAttributes": {"Tokens": ["aaa", "bbb", "ccc"]}}


def senders(*rows: tuple[str, str]) -> dict[str, Any]:
    return {"Data": [{"Email": email, "Status": status} for email, status in rows]}


def domains(name: str, status: str, *, more: bool = False) -> dict[str, Any]:
    return {"has_more": more, "data": [{"name": name, "status": status}]}


SAID: list[tuple[str, int, Any, bool | None]] = [
    ("brevo", 200, {"authenticated": True}, True),
    ("brevo", 200, {"authenticated": False}, False),
    ("brevo", 404, {"code": "document_not_found"}, False),
    ("mailgun", 200, MAILGUN, True),
    ("mailgun", 200, {"domain": {"state": "unverified"}}, False),
    ("mailgun", 404, {"message": "Domain not found"}, False),
    ("mailjet", 200, senders(("News@press.test", "Active")), True),
    ("mailjet", 200, senders(("*@press.test", "Active")), True),
    ("mailjet", 200, senders(("news@press.test", "Inactive")), False),
    ("mailjet", 200, senders(("*@else.test", "Active")), False),
    ("mailjet", 200, senders(*[(f"{n}@else.test", "Active") for n in range(1000)]), None),
    ("postmark", 200, {"ID": "broadcast", "ArchivedAt": None}, None),
    ("resend", 200, domains("press.test", "verified"), True),
    ("resend", 200, domains("press.test", "pending"), False),
    ("resend", 200, domains("else.test", "verified"), False),
    ("resend", 200, domains("else.test", "verified", more=True), None),
    ("resend", 401, {"name": "restricted_api_key"}, None),
    ("sendgrid", 200, {"scopes": ["mail.send"]}, None),
    ("ses", 200, SES, True),
    ("ses", 200, SES | {"VerifiedForSendingStatus": False}, False),
    ("ses", 404, {"message": "Email identity press.test does not exist."}, None),
]


class Account:
    """A provider that knows its own credentials, and says one thing to one question."""

    def __init__(self, name: str, status: int, told: Any) -> None:
        self.name, self.reply = name, Reply(status, json.dumps(told).encode())
        self.secrets = {one: f"secret-of-{one.lower()}" for one in vars(module(name))["SECRETS"]}
        self.asked: list[Asking] = []
        self.server = Server(0, self.answer)

    def answer(self, asking: Asking) -> Answer:
        self.asked.append(asking)
        if not dialect(self.name).is_authorised(asking, self.secrets):
            if self.name == "resend":  # its dialect's refusal is that of a key that may only send
                return Answer(Reply(403, b'{"name": "invalid_api_key"}'))
            return Answer(dialect(self.name).refused(Failure.AUTH, "no " + str(self.secrets)))
        is_ours = (asking.method, asking.path) == ("GET", PATHS[self.name])
        return Answer(self.reply if is_ours else Reply(418))


@pytest.fixture
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    made = Account(*request.param)
    thread = Thread(target=made.server.serve_forever, args=(0.002,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.hang_up()
    made.server.server_close()


def case_of(patient: Patient, account: Account, monkeypatch: pytest.MonkeyPatch) -> Patient:
    for variable, value in account.secrets.items():
        monkeypatch.setenv(variable, value)
    patient.settings["provider"] = account.name
    url = f"http://127.0.0.1:{account.server.server_port}"
    options = {**OPTIONS.get(account.name, {}), "url": url}
    lines = [f'{key} = "{value}"' for key, value in options.items()]
    patient.tables = "\n".join([f"[newsletter.{account.name}]", *lines])
    return patient


@pytest.mark.parametrize(
    ("account", "sender"), [((name, status, told), s) for name, status, told, s in SAID],
    indirect=["account"],
)  # fmt: skip
def test_what_an_account_says_of_the_sender(
    patient: Patient, account: Account, sender: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = case_of(patient, account, monkeypatch)
    assert found.healths("credentials") == [OK]
    assert found.healths("identity") == [{True: OK, False: WRONG, None: SKIPPED}[sender]]


def test_every_provider_over_http_is_asked() -> None:
    assert HTTP == sorted(PATHS) == sorted({name for name, *_ in SAID})
    assert not [name for name in HTTP if not hasattr(module(name), "probe")]


@pytest.mark.parametrize("account", [(name, 200, {}) for name in HTTP], indirect=True)
def test_credentials_that_are_refused(
    patient: Patient, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = case_of(patient, account, monkeypatch)
    for variable in account.secrets:
        monkeypatch.setenv(variable, "another")
    said = found.one("credentials")
    assert said.health is WRONG
    assert "refuses them" in said.said
    assert not [one for one in found.findings() if "secret-of" in one.said + one.do]
    assert found.findings("identity") == []


@pytest.mark.parametrize("account", [(name, 500, {}) for name in HTTP], indirect=True)
def test_an_account_that_does_not_answer_as_it_should(
    patient: Patient, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert case_of(patient, account, monkeypatch).healths("credentials") == [WRONG]


@pytest.mark.parametrize(
    "account",
    [
        ("postmark", 404, {"ErrorCode": 1226}),
        ("postmark", 200, {"ArchivedAt": "2026-01-01T00:00:00Z"}),
        ("sendgrid", 200, {"scopes": ["stats.read"]}),
        ("sendgrid", 200, {"scopes": None}),
    ],
    indirect=True,
)
def test_an_account_that_could_not_send(
    patient: Patient, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert case_of(patient, account, monkeypatch).healths("credentials") == [WRONG]


@pytest.mark.parametrize("account", [(name, 200, []) for name in HTTP], indirect=True)
def test_an_answer_that_is_none_breaks_nothing(
    patient: Patient, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_of(patient, account, monkeypatch).findings()


@pytest.mark.parametrize(
    ("account", "selectors"),
    [(("mailgun", 200, MAILGUN), ("k1",)), (("ses", 200, SES), ("aaa", "bbb", "ccc"))],
    indirect=["account"],
)
def test_its_selectors_are_those_that_are_looked_at(
    patient: Patient, account: Account, selectors: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ", ".join(selectors) in case_of(patient, account, monkeypatch).one("dkim").said


def test_a_secret_that_is_missing(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RESEND_API_KEY")
    assert "RESEND_API_KEY" in patient.one("provider").said
    assert patient.healths("credentials") == [SKIPPED]


def test_a_provider_that_is_none(patient: Patient) -> None:
    patient.settings["provider"] = "resent"
    assert patient.one("provider").do == "did you mean `resend`?"


def smtp(patient: Patient, port: int) -> Patient:
    patient.settings["provider"] = "smtp"
    patient.tables = f'[newsletter.smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
    return patient


def test_smtp_greets_and_lets_us_in(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_USERNAME", "somebody")
    monkeypatch.setenv("SMTP_PASSWORD", "secret-of-smtp")
    with Relay(credentials=("somebody", "secret-of-smtp")) as relay:
        found = smtp(patient, relay.port)
        assert found.healths("credentials") == [OK]
        assert found.healths("identity") == [SKIPPED]
        assert relay.accepted == []
        monkeypatch.setenv("SMTP_PASSWORD", "secret-of-others")
        said = found.one("credentials")
    assert "refuses them" in said.said
    assert "secret" not in said.said


def test_smtp_where_nobody_is(patient: Patient) -> None:
    assert "can't be reached" in smtp(patient, 9).one("credentials").said


def test_a_provider_of_ones_own_need_not_be_askable(patient: Patient) -> None:
    case: Case = patient.case
    list(doctor_provider.connected(case))
    assert isinstance(case.carrier, OverHttp)
    file: Any = module("outbox")
    case.carrier = OverHttp(file, "", {}, {})
    [found] = doctor_provider.vouched(case)
    assert found.health is SKIPPED


def test_what_a_server_says_only_shows(patient: Patient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=_rude, args=(server,))
        thread.start()
        said = smtp(patient, server.getsockname()[1]).one("credentials")
        thread.join()
    assert said.health is WRONG
    assert "no mail" in said.said
    assert said.said.isprintable()


def _rude(server: socket.socket) -> None:
    client, _ = server.accept()
    with client:
        client.sendall(b"554-no mail\x1b[2J\r\n554 \x07today\r\n")
        client.recv(100)
