"""SendBulkEmail of Amazon SES, as its reference has it. Signatures are checked by botocore."""

import json
import re
from collections.abc import Mapping, Sequence
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from newsletter.model import Failure
from tests.newsletter.emulator import Accepted, Asking, Reply, Sending, Taken, Wrong

PATH = "/v2/email/outbound-bulk-emails"
PROOF = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<id>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/ses/aws4_request,"
    r" SignedHeaders=(?P<names>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)
MUST_BE_SIGNED = {"host", "content-type", "x-amz-date"}
VARIABLE = re.compile(r"\\?\{\{\s*([^{}]*?)\s*\}\}")
TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
HEADER_NAME, HEADER_VALUE = re.compile(r"[!-9;-@A-~]{1,126}"), re.compile(r"[ -~]{1,995}")


def is_authorised(asking: Asking, secrets: Mapping[str, str]) -> bool:
    proof = PROOF.fullmatch(asking.headers.get("authorization", ""))
    token = secrets.get("AWS_SESSION_TOKEN", "")
    if not proof or proof["id"] != secrets["AWS_ACCESS_KEY_ID"]:
        return False
    if asking.headers.get("x-amz-security-token", "") != token:
        return False
    names = set(proof["names"].split(";"))
    if not names >= MUST_BE_SIGNED | ({"x-amz-security-token"} if token else set()):
        return False
    signer = SigV4Auth(
        Credentials(proof["id"], secrets["AWS_SECRET_ACCESS_KEY"]), "ses", proof["region"]
    )
    return proof["signature"] == _signature(signer, asking, names)


def _signature(signer: SigV4Auth, asking: Asking, names: set[str]) -> str:
    headers = {name: asking.headers[name] for name in names if name in asking.headers}
    url = f"https://{asking.headers['host']}{asking.path}"
    request = AWSRequest(asking.method, url, headers=headers, data=asking.body)
    request.context["timestamp"] = asking.headers["x-amz-date"]
    canonical = signer.canonical_request(request)
    return str(signer.signature(signer.string_to_sign(request, canonical), request))


def sending(asking: Asking) -> Sending | None:
    if (asking.method, asking.path) != ("POST", PATH):
        return None
    if len(asking.body) > 1_000_000:
        raise Wrong("the input is larger than 1 MB")
    try:
        mail = json.loads(asking.body)
        entries = mail["BulkEmailEntries"]
        if not 1 <= len(entries) <= 50:
            raise Wrong("at most 50 entries can be sent to")
        return Sending([_taken(mail, entry) for entry in entries])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Wrong(f"the input is invalid: {error!r}") from None


def _taken(mail: dict[str, Any], entry: dict[str, Any]) -> Taken:
    template = mail["DefaultContent"]["Template"]
    replacement = entry["ReplacementEmailContent"]["ReplacementTemplate"]
    data = json.loads(replacement["ReplacementTemplateData"])
    content = {name: _rendered(text, data) for name, text in template["TemplateContent"].items()}
    tags = {one["Name"]: one["Value"] for one in entry["ReplacementTags"]}
    if not all(TAG.fullmatch(text) for pair in tags.items() for text in pair):
        raise Wrong("a tag has a character that it may not have")
    [recipient] = entry["Destination"]["ToAddresses"]
    [reply_to] = mail["ReplyToAddresses"]
    headers = _headers(template.get("Headers", [])) | _headers(entry["ReplacementHeaders"])
    if len(headers) > 15:
        raise Wrong("there may be 15 headers")
    return Taken(
        delivery_id=tags["delivery"],
        recipient=recipient,
        sender=_decoded(mail["FromEmailAddress"]),
        subject=content["Subject"],
        text=content["Text"],
        html=content["Html"],
        headers=headers | {"Reply-To": _decoded(reply_to)},
    )


def _headers(said: list[dict[str, str]]) -> dict[str, str]:
    for one in said:
        if not HEADER_NAME.fullmatch(one["Name"]) or not HEADER_VALUE.fullmatch(one["Value"]):
            raise Wrong(f"this is no header: {one}")
    return {one["Name"]: one["Value"] for one in said}


def _rendered(template: str, data: Mapping[str, str]) -> str:
    """As strictly as any engine has it: a backslash escapes, and a variable must have a value."""

    def value(found: re.Match[str]) -> str:
        if found[0].startswith("\\"):
            return found[0][1:]
        if found[1] not in data:
            raise Wrong(f"Attribute '{found[1]}' is not present in the rendering data")
        return data[found[1]]

    if "{{{" in template or "}}}" in template or "{{" in VARIABLE.sub("", template):
        raise Wrong("the template can't be parsed")
    return VARIABLE.sub(value, template)


def _decoded(mailbox: str) -> str:
    """As a reader of mail shows it."""
    if not mailbox.isascii():
        raise Wrong("an address has to be in ASCII, its name encoded")
    name, address = parseaddr(mailbox)
    return f"{make_header(decode_header(name))} <{address}>" if name else address


def accepted(sending: Sending, rejected: Mapping[str, str], ids: Sequence[str]) -> Reply:
    results = [
        {"Status": "INVALID_PARAMETER", "Error": rejected[message.recipient]}
        if message.recipient in rejected
        else {"Status": "SUCCESS", "MessageId": one}
        for message, one in zip(sending.messages, ids, strict=True)
    ]
    return _json(200, {"BulkEmailEntryResults": results})


def refused(failure: Failure, said: str) -> Reply:
    """It never says how long to wait."""
    status, error, message = {
        Failure.REQUEST: (400, "BadRequestException", said),
        Failure.AUTH: (403, "SignatureDoesNotMatch", said),
        Failure.QUOTA: (400, "ThrottlingException", "Daily message quota exceeded"),
        Failure.THROTTLED: (429, "TooManyRequestsException", "Maximum sending rate exceeded"),
    }[failure]
    where = "http://internal.amazon.com/coral/com.amazonaws.services.ses.v2/"
    return _json(status, {"message": message}, {"x-amzn-ErrorType": f"{error}:{where}"})


def found(asking: Asking, accepted: Sequence[Accepted]) -> Reply | None:  # noqa: ARG001  # it can't be asked
    return None


def _json(status: int, told: object, headers: Mapping[str, str] | None = None) -> Reply:
    kind = {"Content-Type": "application/json"}
    return Reply(status, json.dumps(told).encode(), {**kind, **(headers or {})})
