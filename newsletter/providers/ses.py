"""Amazon SES: SendBulkEmail of its API v2, with the mail as a template for up to 50 entries.

It can't be asked about a delivery: its events carry our id as a tag, if somebody listens.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from newsletter import answers, merging
from newsletter.http import Access, Refused, Request, Response, require_success, wait_asked
from newsletter.model import (
    DELIVERY,
    TOKEN,
    Asked,
    Batch,
    Failure,
    Mail,
    Memory,
    Message,
    Outcome,
    Receipt,
)
from newsletter.vouching import Vouched, domain
from press import sigv4

URL = "https://email.{region}.amazonaws.com"
SECRETS: Mapping[str, bool] = {
    "AWS_ACCESS_KEY_ID": True,
    "AWS_SECRET_ACCESS_KEY": True,
    "AWS_SESSION_TOKEN": False,
}
OPTIONS: Mapping[str, str | None] = {"region": None, "configuration-set": ""}
MEMORY = Memory()

PATH = "/v2/email/outbound-bulk-emails"
MOST, MOST_BYTES = 50, 1_000_000
"""Entries, and bytes of a request that has its template in itself ("Using templates to send
personalized email with the Amazon SES API")."""
ITS_OWN = ("message-id",)
"""What it replaces in any case ("Amazon SES header fields")."""
CHARACTERS = (TOKEN, DELIVERY, "{", "}", "\\")
"""What is no mere text, for us or for its templates; a variable stands for each."""
NAMES = ("token", "delivery", "open", "close", "slash")
NO_TRACKING = {"OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "DISABLED"}

STATUSES: Mapping[str, Failure] = {
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": Failure.AUTH,
    "ACCOUNT_SUSPENDED": Failure.AUTH,
    "ACCOUNT_SENDING_PAUSED": Failure.AUTH,
    "CONFIGURATION_SET_SENDING_PAUSED": Failure.AUTH,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": Failure.QUOTA,
    "ACCOUNT_THROTTLED": Failure.THROTTLED,
    "TRANSIENT_FAILURE": Failure.THROTTLED,
    "CONFIGURATION_SET_NOT_FOUND": Failure.REQUEST,
    "TEMPLATE_NOT_FOUND": Failure.REQUEST,
    "INVALID_SENDING_POOL_NAME": Failure.REQUEST,
    "MESSAGE_REJECTED": Failure.REQUEST,
    "INVALID_PARAMETER": Failure.REQUEST,
    "FAILED": Failure.REQUEST,
}
"""Of an entry ("BulkEmailEntryResult") -> what it means where no entry was accepted. Of several,
the first here counts. With each, the message may be sent again ("SendBulkEmail")."""
OF_ADDRESS = ("MESSAGE_REJECTED", "INVALID_PARAMETER")
"""Those that are the address's, where the same mail was accepted for others. Of a single entry, an
invalid parameter is too: whatever else is invalid refuses the whole request."""
ERRORS: Mapping[str, Failure] = {
    **dict.fromkeys(
        ("TooManyRequestsException", "ThrottlingException", "Throttling"), Failure.THROTTLED
    ),
    "LimitExceededException": Failure.QUOTA,
    **dict.fromkeys(
        ("AccountSuspendedException", "SendingPausedException",
         "MailFromDomainNotVerifiedException", "AccessDeniedException", "ExpiredTokenException",
         "IncompleteSignature", "InvalidClientTokenId", "InvalidSignatureException",
         "MissingAuthenticationToken", "RequestExpired", "SignatureDoesNotMatch",
         "UnrecognizedClientException"),
        Failure.AUTH,
    ),
    **dict.fromkeys(
        ("MessageRejected", "NotFoundException", "BadRequestException"), Failure.REQUEST
    ),
}  # fmt: skip
"""Of a request: those of SendBulkEmail, and those that are common to all of AWS."""


def limit(mail: Mail) -> int:
    size = len(_dump(_content(mail, merging.unforeseen(mail, *NAMES))))
    return merging.room(mail, MOST, MOST_BYTES, size + 5_000, 1_000)


def freeze(messages: Sequence[Message], options: Mapping[str, str]) -> bytes:
    """The mail with variables, and what stands for them, for each entry whole."""
    merging.require_safe(messages)
    mail = messages[0].mail
    names = merging.unforeseen(mail, *NAMES)
    shared, own = merging.headers(mail, ITS_OWN)
    template = {
        "TemplateContent": _content(mail, names),
        "TemplateData": _data(("", ""), names),
        "Headers": _headers(shared),
    }
    chosen = options["configuration-set"]
    return _dump(
        {
            "FromEmailAddress": merging.ascii_mailbox(mail.sender),
            "ReplyToAddresses": [merging.ascii_mailbox(mail.reply_to)],
            **({"ConfigurationSetName": chosen} if chosen else {}),
            "ConfigurationOverrides": {"Tracking": NO_TRACKING},
            "DefaultContent": {"Template": template},
            "BulkEmailEntries": [_entry(one, own, names) for one in messages],
        }
    )


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _content(mail: Mail, names: Sequence[str]) -> dict[str, str]:
    subject = merging.one_line(mail.subject)
    texts = {"Subject": subject, "Text": mail.text, "Html": mail.html}
    variables = str.maketrans({c: f"{{{{{n}}}}}" for c, n in zip(CHARACTERS, names, strict=True)})
    return {name: text.translate(variables) for name, text in texts.items()}


def _data(own: tuple[str, str], names: Sequence[str]) -> str:
    values = (*own, *CHARACTERS[len(own) :])
    return json.dumps(dict(zip(names, values, strict=True)))


def _headers(headers: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in headers.items()]


def _entry(message: Message, own: Mapping[str, str], names: Sequence[str]) -> dict[str, object]:
    headers = {name: message.personal(value) for name, value in own.items()}
    data = _data((message.token, message.delivery_id), names)
    return {
        "Destination": {"ToAddresses": [message.recipient]},
        "ReplacementTags": [{"Name": "delivery", "Value": message.delivery_id}],
        "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": data}},
        "ReplacementHeaders": _headers(headers),
    }


def request(batch: Batch, access: Access) -> Request:
    return _signed(Request("POST", PATH, batch.payload), access)


def _signed(request: Request, access: Access) -> Request:
    secrets = access.secrets
    keys = sigv4.Keys(
        secrets["AWS_ACCESS_KEY_ID"],
        secrets["AWS_SECRET_ACCESS_KEY"],
        secrets.get("AWS_SESSION_TOKEN", ""),
    )
    url = access.base.rstrip("/") + request.path
    headers = sigv4.signed(
        keys, access.options["region"], "ses", url, request.body, access.now, request.method
    )
    return replace(request, headers=headers)


def probe(access: Access, sender: str) -> Request:
    path = f"/v2/email/identities/{domain(sender)}"
    return _signed(Request("GET", path), access)


def vouched(response: Response, access: Access, sender: str) -> Vouched:  # noqa: ARG001
    """GetEmailIdentity, of the domain: an address may have been verified alone."""
    if response.status == 404:
        return Vouched(None, "the domain is no identity of this region: the address may be one")
    if response.status != 200:
        raise _refusal(response)
    told = answers.table(response)
    dkim = told.get("DkimAttributes")
    tokens = dkim.get("Tokens") if isinstance(dkim, dict) else None
    selectors = tuple(answers.shown(one) for one in tokens) if isinstance(tokens, list) else ()
    return Vouched(told.get("VerifiedForSendingStatus") is True, "by its domain", selectors)


def receipts(response: Response, batch: Batch) -> list[Receipt]:
    """One result for each entry, in their order."""
    if response.status != 200:
        raise _refusal(response)
    results = answers.rows(answers.table(response).get("BulkEmailEntryResults"))
    if results is None or len(results) != len(batch.delivery_ids):
        raise Refused(Failure.AMBIGUOUS, "status 200, and not one result for each entry")
    statuses = {str(one.get("Status")) for one in results}
    known = [name for name in STATUSES if name in statuses]
    of_one = len(results) == 1 and known == ["INVALID_PARAMETER"]
    if len(known) == len(statuses) and not of_one:
        raise Refused(STATUSES[known[0]], ", ".join(known))
    good = of_one or "SUCCESS" in statuses
    told = (_told(*pair, good) for pair in zip(batch.delivery_ids, results, strict=True))
    given = [receipt for receipt in told if receipt]
    if not given:
        raise Refused(Failure.AMBIGUOUS, "status 200, and no result that is known")
    return given


def _told(delivery_id: str, result: Mapping[str, object], good: bool) -> Receipt | None:
    """What a result says of a mail that is `good` for others; nothing where nobody knows."""
    status, said = str(result.get("Status")), answers.shown(result.get("Error"))
    if status == "SUCCESS":
        return Receipt(delivery_id, Outcome.ACCEPTED, answers.shown(result.get("MessageId")))
    if status not in STATUSES:
        return None
    outcome = Outcome.REJECTED if good and status in OF_ADDRESS else Outcome.NOT_ACCEPTED
    return Receipt(delivery_id, outcome, f"{status}: {said}")


def _refusal(response: Response) -> Refused:
    """What a refusal means. Its text is not quoted: it may repeat what was sent."""
    told = answers.table(response)
    named = response.headers.get("x-amzn-errortype") or str(told.get("__type") or told.get("code"))
    name = named.partition(":")[0].rpartition("#")[2]
    said = f"{told.get('message') or told.get('Message')}".lower()
    failure = ERRORS.get(name)
    detail = f"status {response.status}: {name}" if failure else f"status {response.status}"
    if failure is Failure.THROTTLED and "quota" in said:
        return Refused(Failure.QUOTA, detail)
    if failure and 400 <= response.status < 500:
        return Refused(failure, detail, wait_asked(response))
    try:
        require_success(response)
    except Refused as refused:
        return refused
    return Refused(Failure.AMBIGUOUS, f"{detail}, where it should be 200")


def questions(asked: Sequence[Asked], access: Access) -> Iterator[Request]:  # noqa: ARG001  # none
    return iter(())


def evidence(responses: Sequence[Response], asked: Sequence[Asked]) -> list[Receipt]:  # noqa: ARG001  # none
    return []
