"""SMTP: who may read along, and who may send."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from newsletter.http import Refused
from newsletter.model import Failure, Receipt
from newsletter.place import of_demonstration
from newsletter.providers.smtp import Smtp, connect
from press.problems import ProblemsFound
from tests.newsletter.emulator import letters
from tests.newsletter.emulator.relay import Relay

PLACE = of_demonstration(Path())
CREDENTIALS = ("somebody", "the-password")


def client(port: int = 25, **options: str) -> Smtp:
    local = {"host": "localhost", "port": str(port), "security": "none"}
    return connect(PLACE, {**local, **options})


def hand_over(provider: Smtp) -> list[Receipt]:
    return provider.hand_over(letters.batch(provider, letters.messages("ada")))


def refusal(provider: Smtp) -> Refused:
    with pytest.raises(Refused) as refused:
        hand_over(provider)
    return refused.value


@pytest.fixture
def log_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_USERNAME", CREDENTIALS[0])
    monkeypatch.setenv("SMTP_PASSWORD", CREDENTIALS[1])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for localhost that it has signed itself, in one file."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    both = folder / "both.pem"
    both.write_text(key.read_text() + certificate.read_text())
    return both


def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.usefixtures("log_in")
def test_only_a_trusted_server_gets_mail(
    security: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = security == "tls"
    made = Relay(certificate=serving(certificate), tls_at_once=at_once, credentials=CREDENTIALS)
    with made as relay:
        assert refusal(client(relay.port, security=security)).failure is Failure.NOT_SENT
        assert "certificate" in refusal(client(relay.port, security=security)).detail
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        other = client(relay.port, security=security, host="127.0.0.1")
        assert refusal(other).failure is Failure.NOT_SENT
        assert relay.accepted == []
        [receipt] = hand_over(client(relay.port, security=security))
        assert receipt.outcome == "accepted"
        assert len(relay.accepted) == 1


@pytest.mark.usefixtures("log_in")
def test_without_encryption_there_is_no_mail_and_no_password() -> None:
    with Relay(credentials=CREDENTIALS) as relay:
        refused = refusal(client(relay.port, security="starttls"))
        assert refused.failure is Failure.NOT_SENT
        assert "STARTTLS" in refused.detail
        assert (relay.accepted, relay.tried) == ([], [])


@pytest.mark.usefixtures("log_in")
def test_who_is_known_may_send() -> None:
    with Relay(credentials=CREDENTIALS) as relay:
        assert [one.outcome for one in hand_over(client(relay.port))] == ["accepted"]
        assert relay.tried == [CREDENTIALS]


@pytest.mark.parametrize("password", ["wrong", "wröng"])
@pytest.mark.usefixtures("log_in")
def test_who_is_not_known_may_not(password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", password)
    with Relay(credentials=CREDENTIALS) as relay:
        refused = refusal(client(relay.port))
        assert refused.failure is Failure.AUTH
        assert password not in f"{refused} {refused!r} {refused.__context__} {refused.__cause__}"
        assert relay.accepted == []


@pytest.mark.usefixtures("log_in")
@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        ("550 5.7.1 the-password is wrong", Failure.AUTH),
        ("504 the-password can't be used so", Failure.AUTH),
        ("454 4.7.0 the-password can't be checked now", Failure.THROTTLED),
    ],
)
def test_what_is_said_to_a_password_is_not_repeated(reply: str, failure: Failure) -> None:
    with Relay({"AUTH": reply}, credentials=CREDENTIALS) as relay:
        refused = refusal(client(relay.port))
    assert refused.failure is failure
    assert "the-password" not in str(refused)


def test_a_server_that_wants_credentials_and_gets_none_is_refused() -> None:
    with Relay(credentials=CREDENTIALS) as relay:
        assert refusal(client(relay.port)).failure is Failure.AUTH


@pytest.mark.usefixtures("log_in")
def test_credentials_that_a_server_does_not_want_are_a_mistake() -> None:
    with Relay() as relay:
        assert refusal(client(relay.port)).failure is Failure.AUTH


@pytest.mark.usefixtures("log_in")
def test_a_password_is_shown_nowhere() -> None:
    echo = {"DATA ada@example.org": "250 2.0.0 OK, the-password"}
    with Relay(echo, credentials=CREDENTIALS) as relay:
        provider = client(relay.port)
        assert "the-password" not in f"{provider!r} {provider} {hand_over(provider)}"
        assert b"the-password" not in provider.freeze(letters.messages("ada"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"port": "smtp"}, "`port` of .* has to be a number"),
        ({"port": "0"}, "`port` of .* has to be a number"),
        ({"port": "65536"}, "`port` of .* has to be a number"),
        ({"port": "²"}, "`port` of .* has to be a number"),
        ({"security": "startls"}, "did you mean `starttls`"),
        ({"security": "none", "host": "mail.example.org"}, "only where the host is this machine"),
        ({"helo": "a b"}, "`helo` of .* has to be a domain"),
        ({"bounces": "nobody"}, "`bounces` of .* has to be a mail address"),
        ({"bounces": "a@b> SIZE=1"}, "`bounces` of .* has to be a mail address"),
        ({"hots": "x"}, "did you mean `host`"),
    ],
)
def test_an_option_that_can_not_be_is_a_problem(options: dict[str, str], words: str) -> None:
    with pytest.raises(ProblemsFound, match=words):
        client(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["SMTP_USERNAME", "SMTP_PASSWORD"])
@pytest.mark.usefixtures("log_in")
def test_half_of_the_credentials_is_a_problem(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(missing)
    with pytest.raises(ProblemsFound, match=missing):
        client()


def test_a_host_is_needed() -> None:
    with pytest.raises(ProblemsFound, match="needs `host`"):
        connect(PLACE, {})
