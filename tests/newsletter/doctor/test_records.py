"""What domains publish, read as receivers do."""

import base64
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from newsletter import records


def texts(zone: Mapping[str, str | list[str]]) -> records.Texts:
    def of(name: str) -> list[str]:
        found = zone.get(name, [])
        return [found] if isinstance(found, str) else found

    return of


def test_lookups_are_counted_through_all_that_is_included() -> None:
    zone = {
        "a.test": "v=spf1 mx include:b.test a:x.test ip4:192.0.2.1 -all",
        "b.test": "v=spf1 include:c.test exists:%{i}.x.test ?all",
        "c.test": "v=spf1 ptr ip6:2001:db8::/32",
    }
    found = records.spf("a.test", texts(zone))
    assert (found.lookups, found.includes, found.faults) == (6, {"b.test", "c.test"}, [])
    assert found.record == zone["a.test"]
    assert not found.lets_anybody


def test_a_redirect_counts_where_nothing_ends_the_record() -> None:
    zone = {"a.test": "v=spf1 redirect=b.test", "b.test": "v=spf1 +all"}
    found = records.spf("a.test", texts(zone))
    assert (found.lookups, found.lets_anybody) == (1, True)
    zone["a.test"] = "v=spf1 -all redirect=b.test"
    found = records.spf("a.test", texts(zone))
    assert (found.lookups, found.lets_anybody) == (0, False)
    assert records.spf("c.test", texts({"c.test": "v=spf1 all"})).lets_anybody


def test_records_that_include_each_other_end() -> None:
    zone = {"a.test": "v=spf1 include:b.test", "b.test": "v=spf1 include:a.test include:b.test"}
    assert records.spf("a.test", texts(zone)).includes == {"a.test", "b.test"}


def test_no_more_is_looked_up_than_receivers_would() -> None:
    asked = []

    def endless(name: str) -> list[str]:
        asked.append(name)
        return [f"v=spf1 include:x{len(asked)}.test include:y{len(asked)}.test"]

    assert records.spf("a.test", endless).lookups > records.MOST_LOOKUPS
    assert len(asked) <= records.MOST_LOOKUPS + 1


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        ("v=spf1 include:none.test -all", "none.test, which has 0"),
        ("v=spf1 inklude:b.test -all", "`inklude:b.test`"),
        ("v=spf1 include:two.test", "two.test, which has 2"),
    ],
)
def test_what_breaks_a_record_is_said(record: str, fault: str) -> None:
    zone: dict[str, str | list[str]] = {"a.test": record, "two.test": ["v=spf1 a", "v=spf1 mx"]}
    [said] = records.spf("a.test", texts(zone)).faults
    assert fault in said


def test_what_only_begins_like_spf_is_none() -> None:
    zone: dict[str, str | list[str]] = {"a.test": ["v=spf10 -all", "google=x", "V=SPF1"]}
    assert records.spf("a.test", texts(zone)).record == "V=SPF1"
    assert records.spf("b.test", texts(zone)).record == ""
    zone["a.test"] = ["v=spf1 -all", "v=spf1 ~all"]
    assert "2 SPF records" in records.spf("a.test", texts(zone)).faults[0]


def public(size: int) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=size).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(key.public_bytes(serialization.Encoding.DER, form)).decode()


@pytest.mark.parametrize("size", [1024, 2048])
def test_keys_of_rsa_are_measured(size: int) -> None:
    text = public(size)
    found = records.dkim(f"v=DKIM1; k=rsa; t=s:y; p={text[:60]} {text[60:]}")
    assert found == records.Key("rsa", size, is_test=True)


def test_other_keys() -> None:
    raw = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    text = base64.b64encode(raw).decode()
    assert records.dkim(f"k=ed25519; p={text}") == records.Key("ed25519", 256)
    assert records.dkim("v=DKIM1; p=") == records.Key("rsa", 0, is_revoked=True)
    assert records.dkim("v=DKIM1; p=AAAA") == records.Key("rsa", 0)
    assert records.dkim("v=DKIM2; p=AAAA") is None
    assert records.dkim("v=spf1 -all") is None


@given(st.binary(max_size=60) | st.just(b"\x30\x82\xff\xff" * 9000) | st.just(b"\x30\x80" * 9000))
def test_whatever_is_no_key_is_read(raw: bytes) -> None:
    found = records.dkim(f"p={base64.b64encode(raw).decode()}")
    assert found is not None
    assert found.bits >= 0


def test_a_walk_asks_eight_names_at_most() -> None:
    assert list(records.walk("a.mail.x.test")) == ["a.mail.x.test", "mail.x.test", "x.test", "test"]
    long = ".".join("abcdefghijk") + ".x.test"
    names = list(records.walk(long))
    assert len(names) == 8
    assert names[:2] == [long, "g.h.i.j.k.x.test"]
    assert names[-1] == "test"


REJECT, NONE = "v=DMARC1; p=reject; sp=quarantine", "v=DMARC1; p=none"


@pytest.mark.parametrize(
    ("zone", "domain", "organization", "policy"),
    [
        ({}, "a.x.test", "a.x.test", None),
        ({"_dmarc.x.test": REJECT}, "x.test", "x.test", "reject"),
        ({"_dmarc.x.test": REJECT}, "a.x.test", "x.test", "quarantine"),
        ({"_dmarc.x.test": "v=DMARC1;"}, "a.x.test", "x.test", "none"),
        ({"_dmarc.x.test": REJECT, "_dmarc.a.x.test": NONE}, "a.x.test", "x.test", "none"),
        ({"_dmarc.test": "v=DMARC1; psd=y; p=reject"}, "a.x.test", "x.test", "reject"),
        ({"_dmarc.test": "v=DMARC1; psd=y; p=reject"}, "test", "test", "reject"),
        ({"_dmarc.x.test": "v=DMARC1; psd=y", "_dmarc.test": REJECT}, "x.test", "test", "none"),
        ({"_dmarc.x.test": "v=DMARC1; psd=n", "_dmarc.test": REJECT}, "a.x.test", "x.test", "none"),
        ({"_dmarc.x.test": ["v=DMARC1; p=none", REJECT]}, "x.test", "x.test", None),
        ({"_dmarc.x.test": "p=none; v=DMARC1"}, "x.test", "x.test", None),
        ({"_dmarc.x.test": "v=DMARC10; p=none"}, "x.test", "x.test", None),
    ],
)  # fmt: skip
def test_policies_and_organizations_are_found_by_a_walk(
    zone: dict[str, str | list[str]], domain: str, organization: str, policy: str | None
) -> None:
    found = records.dmarc(domain, texts(zone))
    assert records.organization(domain, found) == organization
    governing = records.governing(domain, found)
    assert (governing.of(domain) if governing else None) == policy
