"""What is peculiar to Amazon SES: its template and entries, a result for each, its signature."""

import json

import pytest

from newsletter.http import Refused, Response
from newsletter.model import Failure, Memory, Outcome
from newsletter.providers import ses
from tests.newsletter.providers.exchange import Exchange, asked, messages

EXCHANGE = Exchange("ses")


def results(*statuses: object) -> Response:
    told = [{"Status": one, "Error": "said so", "MessageId": f"m-{n}"}
            for n, one in enumerate(statuses)]  # fmt: skip
    return Response(200, {}, json.dumps({"BulkEmailEntryResults": told}).encode())


def test_its_request_has_a_template_and_an_entry_for_each() -> None:
    request = EXCHANGE.request(messages(2))
    assert (request.method, request.path) == ("POST", "/v2/email/outbound-bulk-emails")
    assert EXCHANGE.access.base == "https://email.eu-west-1.amazonaws.com"
    body = json.loads(request.body)
    assert body["FromEmailAddress"] == "A Series <news@example.org>"
    assert body["ReplyToAddresses"] == ["An Author <me@example.org>"]
    template = body["DefaultContent"]["Template"]
    assert {one["Name"] for one in template["Headers"]} == {"List-Id", "List-Unsubscribe-Post"}
    entry = body["BulkEmailEntries"][1]
    assert entry["Destination"] == {"ToAddresses": ["reader.1@example.net"]}
    assert entry["ReplacementTags"] == [{"Name": "delivery", "Value": f"{1:024x}"}]
    [header] = entry["ReplacementHeaders"]
    assert header["Name"] == "List-Unsubscribe"
    assert header["Value"].startswith("<https://example.org/u/tok-1_x>, <mailto:")


def test_each_entry_has_a_value_for_every_variable() -> None:
    body = json.loads(EXCHANGE.request(messages(2)).body)
    default = json.loads(body["DefaultContent"]["Template"]["TemplateData"])
    for entry in body["BulkEmailEntries"]:
        replacement = entry["ReplacementEmailContent"]["ReplacementTemplate"]
        assert json.loads(replacement["ReplacementTemplateData"]).keys() == default.keys()


def test_nothing_is_tracked() -> None:
    tracking = json.loads(EXCHANGE.request(messages(1)).body)["ConfigurationOverrides"]["Tracking"]
    assert tracking == {"OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "DISABLED"}


def test_a_configuration_set_is_named_where_there_is_one() -> None:
    assert b"ConfigurationSetName" not in EXCHANGE.request(messages(1)).body
    chosen = Exchange("ses", {"configuration-set": "news"}).request(messages(1)).body
    assert json.loads(chosen)["ConfigurationSetName"] == "news"


def test_each_entry_has_a_result_of_its_own() -> None:
    told = EXCHANGE.receipts(results(
        "SUCCESS", "INVALID_PARAMETER", "ACCOUNT_THROTTLED", "MESSAGE_REJECTED",
        "TRANSIENT_FAILURE", "FAILED", "SOMETHING_NEW", "ACCOUNT_DAILY_QUOTA_EXCEEDED",
    ), count=8)  # fmt: skip
    by_place = {int(one.delivery_id, 16): one for one in told}
    assert {place: one.outcome for place, one in by_place.items()} == {
        0: Outcome.ACCEPTED, 1: Outcome.REJECTED, 2: Outcome.NOT_ACCEPTED, 3: Outcome.REJECTED,
        4: Outcome.NOT_ACCEPTED, 5: Outcome.NOT_ACCEPTED, 7: Outcome.NOT_ACCEPTED,
    }  # fmt: skip
    assert by_place[0].detail == "m-0"
    assert by_place[1].detail == "INVALID_PARAMETER: said so"


@pytest.mark.parametrize(("statuses", "failure"), [
    (["ACCOUNT_THROTTLED"] * 3, Failure.THROTTLED),
    (["TRANSIENT_FAILURE"] * 3, Failure.THROTTLED),
    (["ACCOUNT_DAILY_QUOTA_EXCEEDED", "ACCOUNT_THROTTLED", "FAILED"], Failure.QUOTA),
    (["ACCOUNT_THROTTLED", "INVALID_PARAMETER", "INVALID_PARAMETER"], Failure.THROTTLED),
    (["ACCOUNT_SENDING_PAUSED", "ACCOUNT_THROTTLED", "FAILED"], Failure.AUTH),
    (["MAIL_FROM_DOMAIN_NOT_VERIFIED"] * 3, Failure.AUTH),
    (["MESSAGE_REJECTED"] * 3, Failure.REQUEST),
    (["INVALID_PARAMETER"] * 3, Failure.REQUEST),
    (["CONFIGURATION_SET_NOT_FOUND"] * 3, Failure.REQUEST),
    (["MESSAGE_REJECTED"], Failure.REQUEST),
])  # fmt: skip
def test_where_none_is_accepted_the_batch_is_refused(statuses: list[str], failure: Failure) -> None:
    with pytest.raises(Refused, match=statuses[0]) as caught:
        EXCHANGE.receipts(results(*statuses), len(statuses))
    assert caught.value.failure is failure


def test_the_only_address_may_be_wrong() -> None:
    [told] = EXCHANGE.receipts(results("INVALID_PARAMETER"), count=1)
    assert told.outcome is Outcome.REJECTED


@pytest.mark.parametrize("statuses", [
    ["SUCCESS", "SUCCESS"], ["SUCCESS"] * 4, ["NEW"] * 3, [None, [], {}], [],
])  # fmt: skip
def test_results_that_fit_no_entries_are_none(statuses: list[object]) -> None:
    with pytest.raises(Refused) as caught:
        EXCHANGE.receipts(results(*statuses))
    assert caught.value.failure is Failure.AMBIGUOUS


def test_nobody_is_rejected_with_what_nobody_knows() -> None:
    told = EXCHANGE.receipts(results("NEW", "INVALID_PARAMETER", "NEW"))
    assert [one.outcome for one in told] == [Outcome.NOT_ACCEPTED]


@pytest.mark.parametrize(("status", "error", "message", "failure"), [
    (400, "BadRequestException", "x", Failure.REQUEST),
    (400, "MessageRejected", "Email address is not verified.", Failure.REQUEST),
    (400, "AccountSuspendedException", "x", Failure.AUTH),
    (400, "MailFromDomainNotVerifiedException", "x", Failure.AUTH),
    (400, "LimitExceededException", "x", Failure.QUOTA),
    (400, "ThrottlingException", "Daily message quota exceeded", Failure.QUOTA),
    (400, "ThrottlingException", "Maximum sending rate exceeded", Failure.THROTTLED),
    (429, "TooManyRequestsException", "x", Failure.THROTTLED),
    (429, "", "x", Failure.THROTTLED),
    (403, "SignatureDoesNotMatch", "x", Failure.AUTH),
    (403, "something else", "x", Failure.AUTH),
    (404, "NotFoundException", "x", Failure.REQUEST),
    (500, "InternalFailure", "x", Failure.AMBIGUOUS),
    (503, "ThrottlingException", "x", Failure.AMBIGUOUS),
])  # fmt: skip
def test_what_its_errors_mean(status: int, error: str, message: str, failure: Failure) -> None:
    where = f"{error}:http://internal.amazon.com/coral/com.amazonaws.ses/"
    in_header = Response(
        status, {"x-amzn-errortype": where}, json.dumps({"message": message}).encode()
    )
    told = {"__type": f"com.amazonaws.ses#{error}", "Message": message}
    in_body = Response(status, {}, json.dumps(told).encode())
    for response in (in_header, in_body):
        with pytest.raises(Refused) as caught:
            EXCHANGE.receipts(response)
        assert caught.value.failure is failure


def test_a_wait_is_kept() -> None:
    with pytest.raises(Refused) as caught:
        EXCHANGE.receipts(Response(429, {"retry-after": "7"}, b""))
    assert caught.value.wait == 7.0


def test_it_knows_nothing_afterwards() -> None:
    assert Memory() == ses.MEMORY
    assert EXCHANGE.look_up(asked(2), []) == []
