"""Amazon SES by way of SNS: a notification a request, signed by a certificate of Amazon's.

What may be told is what the one topic tells whose ARN is configured; a subscription to it is
confirmed, and none to another. See "Verifying the signatures of Amazon SNS messages", "Contents of
event data that Amazon SES publishes to Amazon SNS".
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from newsletter import signatures
from newsletter.admitting import (
    dump,
    is_any,
    items,
    moment,
    parsed,
    require_timely,
    strange,
    table,
    text,
)
from newsletter.model import Fate
from newsletter.statuses import of_hard
from newsletter.webhooks import Fetch, Forged, Incoming, Told, Unreadable

VARIABLE = "SES_TOPIC_ARN"

LONGEST = timedelta(hours=1)
"""A topic may be told to try for longer; what it has told of a mail then is lost."""
CONFIRMATION = "SubscriptionConfirmation"
SIGNED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
SIGNED_OF_CONFIRMATION = (
    "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
)  # fmt: skip
HASHES = {"1": "SHA1", "2": "SHA256"}
TOPIC = re.compile(r"arn:aws(?:-[a-z-]+)?:sns:([a-z0-9-]{1,40}):\d{12}:[A-Za-z0-9_-]{1,256}")
CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{16,64}\.pem")
CONFIRM = re.compile(r"/\?Action=ConfirmSubscription&[A-Za-z0-9._~%=&:-]{1,2000}")

KINDS = {
    "Send": Fate.ACCEPTED,
    "DeliveryDelay": Fate.DEFERRED,
    "Delivery": Fate.DELIVERED,
}


def verify(incoming: Incoming, secrets: Sequence[str], now: datetime, fetch: Fetch) -> None:
    """Nothing is looked up unless it is of the topic, at the place of that topic's own region."""
    told = table(parsed(incoming.body))
    topic = text(told.get("TopicArn"))
    region = TOPIC.fullmatch(topic)
    if not region or not is_any(topic, secrets):
        raise Forged("it is not of the topic")
    host = f"https://sns.{region[1]}.amazonaws.com{'.cn' if topic.startswith('arn:aws-cn') else ''}"
    certificate = fetch(_allowed(told, "SigningCertURL", host, CERTIFICATE))
    hashed = HASHES.get(text(told.get("SignatureVersion")), "")
    signature, signed = text(told.get("Signature")), _signed(told)
    if not hashed or not signatures.is_rsa(certificate, signature, signed, hashed, now):
        raise Forged("its signature is not Amazon's")
    require_timely(moment(told.get("Timestamp")), now, LONGEST)
    if told.get("Type") == CONFIRMATION:
        fetch(_allowed(told, "SubscribeURL", host, CONFIRM))


def _allowed(told: Mapping[str, Any], name: str, host: str, path: re.Pattern[str]) -> str:
    """An address that it names, if that is where it should be. Raises Forged."""
    address = text(told.get(name))
    if not address.startswith(f"{host}/") or not path.fullmatch(address.removeprefix(host)):
        raise Forged(f"its {name} is not at Amazon SNS")
    return address


def _signed(told: Mapping[str, Any]) -> bytes:
    is_confirming = text(told.get("Type")).endswith("Confirmation")
    names = SIGNED_OF_CONFIRMATION if is_confirming else SIGNED
    pairs = [f"{name}\n{text(told[name])}\n" for name in names if told.get(name) is not None]
    return "".join(pairs).encode(errors="replace")


def events(incoming: Incoming) -> list[Told]:
    """SNS says the same id each time that it tries."""
    told = table(parsed(incoming.body))
    if told.get("Type") != "Notification":
        return []
    try:
        event = parsed(text(told.get("Message")))
    except Unreadable:  # a test of the topic, in words
        event = told.get("Message")
    if not isinstance(event, dict):
        return [strange(event)]
    same = text(told.get("MessageId"))
    ours = items(table(table(event.get("mail")).get("tags")).get("delivery"))
    return [Told(_fate(event), text(ours[0] if ours else ""), dump(event), same)]


def _fate(event: Mapping[str, Any]) -> Fate:
    kind = text(event.get("eventType")) or text(event.get("notificationType"))
    match kind, event:
        case "Bounce", {"bounce": {"bounceType": "Permanent", **rest}}:
            statuses = [
                text(table(one).get("status")) for one in items(rest.get("bouncedRecipients"))
            ]
            return of_hard(" ".join(statuses))
        case "Bounce", _:
            return Fate.SOFT
        case "Complaint", {"complaint": {"complaintSubType": "OnAccountSuppressionList"}}:
            return Fate.REJECTED
        case "Complaint", {"complaint": {"complaintFeedbackType": "not-spam"}}:
            return Fate.OTHER
        case "Complaint", _:
            return Fate.COMPLAINED
        case "Subscription", {"subscription": {"newTopicPreferences": {"unsubscribeAll": True}}}:
            return Fate.UNSUBSCRIBED
    return KINDS.get(kind, Fate.OTHER)
