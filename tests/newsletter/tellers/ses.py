"""SES by way of SNS, as "Contents of event data …" and "Parsing Amazon SNS message formats" say."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from newsletter.model import Fate
from newsletter.webhooks import Incoming

SIGNS, HAS_TIME, MANY = True, True, False

HOST = "https://sns.eu-west-1.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-{'0a' * 16}.pem"
EVENTS: Mapping[Fate, Mapping[str, Any]] = {
    Fate.ACCEPTED: {"eventType": "Send", "send": {}},
    Fate.DEFERRED: {"eventType": "DeliveryDelay", "deliveryDelay": {"delayType": "MailboxFull"}},
    Fate.DELIVERED: {"eventType": "Delivery", "delivery": {"recipients": ["ada@example.org"]}},
    Fate.SOFT: {"eventType": "Bounce", "bounce": {"bounceType": "Transient"}},
    Fate.BOUNCED: {
        "eventType": "Bounce",
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": "ada@example.org", "status": "5.1.1"}],
        },
    },
    Fate.REJECTED: {
        "eventType": "Complaint",
        "complaint": {"complaintSubType": "OnAccountSuppressionList"},
    },
    Fate.COMPLAINED: {"eventType": "Complaint", "complaint": {"complaintFeedbackType": "abuse"}},
    Fate.UNSUBSCRIBED: {
        "eventType": "Subscription",
        "subscription": {"newTopicPreferences": {"unsubscribeAll": True}},
    },
    Fate.OTHER: {"eventType": "Open", "open": {"userAgent": "Mozilla/5.0"}},
}
FATES = tuple(EVENTS)


def _certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=20_000))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


PRIVATE = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
FETCHED = {CERTIFICATE: _certificate(PRIVATE)}


def secret(number: int) -> str:
    return f"arn:aws:sns:eu-west-1:123456789012:topic-{number}"


def event(fate: Fate, delivery: str, number: int) -> Mapping[str, Any]:
    mail = {
        "timestamp": f"2026-02-01T10:{number % 60:02}:00.000Z",
        "messageId": f"EXAMPLE{number}",
        "destination": ["ada@example.org"],
        "tags": {"ses:operation": ["SendBulkEmail"], "delivery": [delivery]},
    }
    return {**EVENTS[fate], "mail": mail}


def body(events: Sequence[object]) -> bytes:
    [one] = events
    return json.dumps(one).encode()


def request(body: bytes, number: int, at: datetime) -> Incoming:
    """A notification of the topic of a number, whose message is the body."""
    message = body.decode(errors="replace")
    told = {
        "Type": "Notification",
        "MessageId": sha256(body).hexdigest(),
        "TopicArn": secret(number),
        "Message": message,
        "Timestamp": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    raw = json.dumps(signed(told)).encode()
    # What is no UTF-8 in the body is none in the request: SNS itself would never send that.
    return Incoming({}, raw if body.decode(errors="ignore") == message else raw + b"\xff")


def signed(told: Mapping[str, str], version: str = "2", **more: str) -> dict[str, str]:
    names = ["Message", "MessageId", "SubscribeURL", "Subject", "Timestamp", "Token", "TopicArn"]
    text = "".join(f"{name}\n{told[name]}\n" for name in [*names, "Type"] if name in told)
    hashed = hashes.SHA1() if version == "1" else hashes.SHA256()
    raw = PRIVATE.sign(text.encode(), padding.PKCS1v15(), hashed)
    signature = {"SignatureVersion": version, "Signature": b64encode(raw).decode("ascii")}
    return {**told, **signature, "SigningCertURL": CERTIFICATE, **more}
