"""SPF, DKIM, DMARC and MX, asked of a real server: right, wrong, and out of reach."""

import base64

import pytest

from newsletter.dns import OutOfReach, names
from press.findings import Finding, Health, skipped
from press.problems import ProblemsFound
from tests.newsletter.doctor.conftest import Patient
from tests.newsletter.doctor.test_records import public
from tests.newsletter.doctor.zone import Zone

OK, WRONG, SKIPPED = Health.OK, Health.WRONG, Health.SKIPPED
AMAZON = "v=spf1 include:amazonses.com ~all"


@pytest.fixture
def well(patient: Patient) -> Patient:
    """All is as it should be for the provider resend."""
    patient.zone.text("send.press.test", AMAZON)
    patient.zone.text("amazonses.com", "v=spf1 ip4:192.0.2.0/24 -all")
    patient.zone.text("resend._domainkey.press.test", f"p={public(2048)}")
    patient.zone.text("_dmarc.press.test", "v=DMARC1; p=none; rua=mailto:d@press.test")
    return patient


def test_all_is_well(well: Patient) -> None:
    found = well.findings()
    assert [one.check for one in found if one.health is WRONG] == ["app-url"]  # on this machine
    assert [one.check for one in found if one.health is SKIPPED] == ["headers"]
    assert {"mx", "spf", "dkim", "dmarc", "alignment"} <= {one.check for one in found}


@pytest.mark.parametrize("check", ["mx", "spf", "dkim", "dmarc"])
@pytest.mark.parametrize("how", ["is_silent", "is_failing"])
def test_what_is_out_of_reach_is_skipped(well: Patient, check: str, how: str) -> None:
    well.seconds = 0.2
    setattr(well.zone, how, True)
    assert well.healths(check) == [SKIPPED]
    assert {one.check for one in well.findings() if one.health is WRONG} == {"app-url"}


def test_a_server_that_is_silent_is_asked_once(well: Patient) -> None:
    well.seconds, well.zone.is_silent = 0.2, True
    well.findings()
    assert len(set(well.zone.asked)) == 1


def test_a_machine_without_a_server_asks_nobody(well: Patient) -> None:
    case = well.case
    case.names.resolver = None
    with pytest.raises(OutOfReach, match="knows no server"):
        case.names.texts("press.test")


def test_no_mail_that_leaves_needs_no_record(well: Patient) -> None:
    well.settings["provider"] = "outbox"
    assert well.findings("dns") == [
        skipped("dns", "no mail leaves this machine, so no record matters")
    ]
    assert well.zone.asked == []


def test_where_answers_arrive(patient: Patient) -> None:
    assert patient.one("mx").said == "mail for press.test goes to mx.press.test"
    patient.settings["reply-to"] = "me@else.test"
    assert patient.healths("mx") == [OK, WRONG]
    patient.zone.set("else.test", "AAAA", "2001:db8::1")
    assert patient.healths("mx") == [OK, OK]
    patient.zone.set("else.test", "MX", "0 .")
    assert "takes no mail" in patient.findings("mx")[1].said
    assert patient.healths("mx") == [OK, WRONG]


@pytest.mark.parametrize(
    ("envelope", "said"),
    [
        ([], "has no SPF record"),
        (["v=spf1 ~all"], "lacks resend"),
        ([AMAZON, "v=spf1 -all"], "2 SPF records"),
        (["v=spf1 include:amazonses.com +all"], "lets anybody send"),
        (["v=spf1 include:amazonses.com a a a a a a a a a a -all"], "more than 10 lookups"),
        (["v=spf1 include:amazonses.com \x1b[31m -all"], "which is no term"),
    ],
)
def test_spf_of_the_envelope(well: Patient, envelope: list[str], said: str) -> None:
    well.zone.records.pop(("send.press.test", "TXT"))
    if envelope:
        well.zone.text("send.press.test", *envelope)
    found = [one for one in well.findings("spf") if one.health is WRONG]
    assert len(found) == 1
    assert said in found[0].said
    assert found[0].do
    assert found[0].said.isprintable()


def test_a_sender_whose_envelope_is_elsewhere_needs_no_spf(well: Patient) -> None:
    assert "press.test needs none" in well.findings("spf")[1].said
    well.zone.text("press.test", "v=spf1 +all")
    assert well.healths("spf") == [OK, WRONG]


def test_the_author_may_name_the_envelope_and_selectors(well: Patient) -> None:
    well.tables += (
        '[newsletter.doctor]\nreturn-path = "b.press.test"\ndkim-selectors = "one, two"\n'
    )
    assert "b.press.test has no SPF record" in well.findings("spf")[0].said
    assert [one.said for one in well.findings("dkim")] == [
        "one._domainkey.press.test has 0 keys",
        "two._domainkey.press.test has 0 keys",
    ]
    well.zone.text("one._domainkey.press.test", f"p={public(1024)}")
    assert "1024 bits; 2048 are asked for" in well.findings("dkim")[0].said
    assert well.healths("dkim") == [OK, WRONG]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("v=DKIM1; p=", "was revoked"),
        ("v=DKIM1; p=AAAA", "can't be read"),
        ("v=DKIM1; k=dsa; p=AAAA", "can't be read"),
        (f"p={public(1024)[:-8]}", "can't be read"),
        ("google-site-verification=x", "has 0 keys"),
    ],
)
def test_keys_that_are_no_good(well: Patient, record: str, said: str) -> None:
    well.tables += '[newsletter.doctor]\ndkim-selectors = "resend"\n'
    well.zone.text("resend._domainkey.press.test", record)
    assert said in well.one("dkim").said
    assert well.one("dkim").do


def test_a_small_key_is_refused(well: Patient) -> None:
    # SubjectPublicKeyInfo of 512 bits, which no library makes any more.
    modulus = b"\x02\x41\x00" + b"\xc5" * 64
    key = b"\x30\x48" + modulus + b"\x02\x03\x01\x00\x01"
    rsa = bytes.fromhex("300d06092a864886f70d0101010500")
    der = base64.b64encode(b"\x30\x5c" + rsa + b"\x03\x4b\x00" + key).decode()
    well.zone.text("resend._domainkey.press.test", f"p={der}")
    well.tables += '[newsletter.doctor]\ndkim-selectors = "resend"\n'
    assert "512 bits, which receivers refuse" in well.one("dkim").said


def test_no_key_of_those_that_the_provider_may_use(well: Patient) -> None:
    del well.zone.records["resend._domainkey.press.test", "TXT"]
    assert "no good key under any of resend" in well.one("dkim").said
    well.settings["provider"] = "smtp"
    well.tables = '[newsletter.smtp]\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\n'
    assert "no selector is known" in well.one("dkim").said


@pytest.mark.parametrize(
    ("record", "said", "health"),
    [
        ([], "no DMARC record", WRONG),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "2 DMARC records", WRONG),
        (["v=DMARC1; p=nothing"], "`nothing`", WRONG),
        (["v=DMARC1; p=reject"], "p=reject, by _dmarc.press.test", OK),
    ],
)
def test_dmarc(well: Patient, record: list[str], said: str, health: Health) -> None:
    well.zone.records.pop(("_dmarc.press.test", "TXT"))
    if record:
        well.zone.text("_dmarc.press.test", *record)
    assert said in well.one("dmarc").said
    assert well.one("dmarc").health is health


def mailgun(patient: Patient, signer: str) -> Finding:
    """How signatures of a domain speak for press.test."""
    patient.settings["provider"] = "mailgun"
    patient.tables = f'[newsletter.mailgun]\ndomain = "{signer}"\nurl = "{patient.world.url}"\n'
    return patient.one("alignment")


def test_alignment_is_by_organization_unless_it_is_strict(
    well: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILGUN_API_KEY", "secret-of-mailgun")
    assert mailgun(well, "mg.press.test").health is OK
    assert mailgun(well, "mg.else.test").health is WRONG
    well.zone.text("_dmarc.press.test", "v=DMARC1; p=none; adkim=s; aspf=s")
    assert mailgun(well, "press.test").health is OK
    assert mailgun(well, "mg.press.test").health is WRONG
    well.zone.text("_dmarc.press.test", "v=DMARC1; p=none; adkim=s")
    assert "envelopes of mg.press.test" in mailgun(well, "mg.press.test").said


@pytest.mark.parametrize("given", ["resolver.test", "1.2.3.4:x", "1.2.3.4:0", "[::1]:99999", "[x]"])
def test_a_server_of_the_dns_is_an_address(given: str) -> None:
    with pytest.raises(ProblemsFound, match="is not the address of a server"):
        names(given)


@pytest.mark.parametrize(
    ("given", "address", "port"),
    [("9.9.9.9", "9.9.9.9", 53), ("::1", "::1", 53), ("[::1]:5353", "::1", 5353)],
)
def test_an_address_may_have_a_port(given: str, address: str, port: int) -> None:
    resolver = names(given).resolver
    assert resolver is not None
    assert (resolver.nameservers, resolver.port) == ([address], port)


def test_what_can_be_no_name_has_no_records(zone: Zone) -> None:
    asking = names(zone.address)
    assert asking.texts("x" * 64 + ".test") == []
    assert asking.texts("a..test") == []
    assert zone.asked == []
