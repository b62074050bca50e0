"""Our requests, and the emulators' answers, are as the providers' own descriptions have them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, parse_qsl

import pytest
import yaml
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape, StructureShape
from botocore.validate import ParamValidator
from jsonschema import Draft202012Validator
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.paths.exceptions import PathError
from openapi_core.testing import MockRequest, MockResponse
from openapi_core.validation.request.exceptions import (
    RequestBodyValidationError,
    SecurityValidationError,
)

from newsletter.http import Request, Response
from newsletter.model import Failure
from newsletter.vouching import Vouched, Vouching
from tests.newsletter.emulator import Reply
from tests.newsletter.providers.exchange import NOW, SECRETS, Exchange, asked, messages

SPECS = Path(__file__).parent.parent / "specs"
SENDGRID, MAILGUN, SES = Exchange("sendgrid"), Exchange("mailgun"), Exchange("ses")
POSTMARK = Exchange("postmark")
FORM = "POST-v3-domain_name-messages-multipart-form-data-RequestBody"
Change = Callable[[Any], object]


@lru_cache
def spec(name: str) -> Mapping[str, Any]:
    """A published description; JSON is YAML too."""
    with (SPECS / name).open("rb") as file:
        told: Mapping[str, Any] = yaml.load(file, yaml.CSafeLoader)  # is a safe one
    for server in told.get("servers", ()):
        if server["url"].startswith("//"):  # as openapi-core can't read it
            server["url"] = f"https:{server['url']}"
    return told


@lru_cache
def api(name: str) -> OpenAPI:
    as_it_is = Config(spec_validator_cls=None)  # type: ignore[arg-type]  # None is what leaves it
    return OpenAPI.from_dict(spec(name), config=as_it_is)


@lru_cache
def ses_operation() -> tuple[Shape, Shape]:
    """What SendBulkEmail takes and gives."""
    model = ServiceModel(Loader().load_service_model("sesv2", "service-2"))
    operation = model.operation_model("SendBulkEmail")
    assert operation.input_shape
    assert operation.output_shape
    return operation.input_shape, operation.output_shape


def described(exchange: Exchange, request: Request) -> MockRequest:
    path, _, query = request.path.partition("?")
    return MockRequest(
        exchange.access.base,
        request.method,
        path,
        args=dict(parse_qsl(query, strict_parsing=True)) if query else {},
        headers=dict(request.headers),
        data=request.body,
        content_type=request.headers.get("Content-Type", ""),
    )


def answered(reply: Reply) -> MockResponse:
    kind = reply.headers.get("Content-Type", "application/json")
    return MockResponse(reply.body, reply.status, dict(reply.headers), kind)


def is_refused(name: str, request: MockRequest) -> bool:
    try:
        api(name).validate_request(request)
    except PathError:  # then it says nothing of the request
        raise
    except OpenAPIError:
        return True
    return False


def changed(request: MockRequest, change: Change) -> MockRequest:
    body = json.loads(request.body)
    change(body)
    request.body = json.dumps(body).encode()
    return request


def test_sendgrid_describes_our_request() -> None:
    request = SENDGRID.request(messages(3))
    api("sendgrid-mail.json").validate_request(described(SENDGRID, request))


@pytest.mark.parametrize("change", [
    lambda body: body.pop("from"),
    lambda body: body.update(categories="one"),
    lambda body: body.update(personalizations=body["personalizations"] * 1001),
    lambda body: body["personalizations"][0].update(substitutions={"-a-": 5}),
    lambda body: body["tracking_settings"]["click_tracking"].update(enable="no"),
])  # fmt: skip
def test_sendgrid_describes_no_such_request(change: Change) -> None:
    request = described(SENDGRID, SENDGRID.request(messages(1)))
    assert is_refused("sendgrid-mail.json", changed(request, change))


def test_sendgrid_describes_our_questions_and_the_answers() -> None:
    [question] = SENDGRID.file.questions(asked(1), SENDGRID.access)
    request = described(SENDGRID, question)
    api("sendgrid-logs.json").validate_request(request)
    log = SENDGRID.accepted(1, NOW - timedelta(hours=12))
    reply = SENDGRID.dialect.found(SENDGRID.asking(question), log)
    assert reply
    assert json.loads(reply.body)["messages"]
    api("sendgrid-logs.json").validate_response(request, answered(reply))
    assert is_refused("sendgrid-logs.json", changed(request, lambda body: body.update(limit=1001)))
    assert is_refused("sendgrid-logs.json", MockRequest(SENDGRID.access.base, "post", "/v3/logs"))


def test_a_query_of_sendgrids_logs_has_but_what_they_allow() -> None:
    [question] = SENDGRID.file.questions(asked(1), SENDGRID.access)
    schemas = spec("sendgrid-logs.json")["components"]["schemas"]
    allowed = schemas["EmailLogsGetMessagesByFilterRequest"]["properties"]["query"]["description"]
    for condition in json.loads(question.body)["query"].split(" AND "):
        field, operator = condition.split()[:2]
        [line] = [line for line in allowed.splitlines() if line.startswith(f"- {field}:")]
        assert f"`{operator}`" in line


def form_schema() -> dict[str, Any]:
    schema: dict[str, Any] = spec("mailgun.yaml")["components"]["schemas"][FORM]
    return schema


def form(body: bytes) -> dict[str, Any]:
    """The fields, of which each is a list where the description says so, and else one."""
    fields = parse_qs(body.decode("ascii"), strict_parsing=True, keep_blank_values=True)
    lists = {n for n, field in form_schema()["properties"].items() if field["type"] == "array"}
    return {
        name: values if name in lists or len(values) > 1 else values[0]
        for name, values in fields.items()
    }


def test_mailgun_describes_the_fields_of_our_form() -> None:
    fields = form(MAILGUN.request(messages(3)).body)
    Draft202012Validator(form_schema()).validate(fields)
    ours = {name for name in fields if not name.startswith(("h:", "v:"))}  # those may have any name
    assert ours <= set(form_schema()["properties"])


@pytest.mark.parametrize("change", [
    lambda fields: fields.pop("to"),
    lambda fields: fields.pop("subject"),
    lambda fields: fields.update({"o:tracking": "never"}),
    lambda fields: fields.update({"html": ["one", "two"]}),
])  # fmt: skip
def test_mailgun_describes_no_such_form(change: Change) -> None:
    fields = form(MAILGUN.request(messages(3)).body)
    change(fields)
    assert not Draft202012Validator(form_schema()).is_valid(fields)


def test_mailgun_describes_our_paths_and_credentials() -> None:
    [question] = MAILGUN.file.questions(asked(1), MAILGUN.access)
    api("mailgun.yaml").validate_request(described(MAILGUN, question))
    assert is_refused("mailgun.yaml", described(MAILGUN, replace(question, headers={})))
    # Of the other, its body apart: the description has it as another kind of form.
    sending = replace(MAILGUN.request(messages(1)), body=b"")
    with pytest.raises(RequestBodyValidationError):
        api("mailgun.yaml").validate_request(described(MAILGUN, sending))
    with pytest.raises(SecurityValidationError):
        api("mailgun.yaml").validate_request(described(MAILGUN, replace(sending, headers={})))


def test_mailgun_describes_the_emulators_answers() -> None:
    request = MAILGUN.request(messages(2))
    sending = MAILGUN.sending(messages(2))
    reply = MAILGUN.dialect.accepted(sending, {}, ["id-0", "id-1"])
    refusals = [MAILGUN.dialect.refused(f, "x") for f in (Failure.REQUEST, Failure.THROTTLED)]
    for one in (reply, *refusals):
        api("mailgun.yaml").validate_response(described(MAILGUN, request), answered(one))
    [question] = MAILGUN.file.questions(asked(1), MAILGUN.access)
    found = MAILGUN.dialect.found(MAILGUN.asking(question), MAILGUN.accepted(1, NOW))
    assert found
    assert json.loads(found.body)["items"]
    api("mailgun.yaml").validate_response(described(MAILGUN, question), answered(found))


def test_postmark_describes_our_request_and_the_answers() -> None:
    request = described(POSTMARK, POSTMARK.request(messages(3)))
    api("postmark.json").validate_request(request)
    rejected = {"reader.1@example.net": "no"}
    accepted = POSTMARK.dialect.accepted(POSTMARK.sending(messages(3)), rejected, ["a", "b", "c"])
    for reply in (accepted, POSTMARK.dialect.refused(Failure.REQUEST, "x")):
        api("postmark.json").validate_response(request, answered(reply))


@pytest.mark.parametrize("change", [
    lambda body: body[0].update(TrackLinks="no"),
    lambda body: body[0].update(TrackOpens="false"),
    lambda body: body[0].update(Headers={"List-Id": "<series.example.org>"}),
    lambda body: body[0]["Headers"].append({"Name": "Precedence", "Value": 1}),
    lambda body: body[0].update(To=["reader@example.net"]),
])  # fmt: skip
def test_postmark_describes_no_such_request(change: Change) -> None:
    request = described(POSTMARK, POSTMARK.request(messages(1)))
    assert is_refused("postmark.json", changed(request, change))


def test_postmark_describes_our_questions_and_the_answers() -> None:
    [question] = POSTMARK.file.questions(asked(1), POSTMARK.access)
    request = described(POSTMARK, question)
    api("postmark.json").validate_request(request)
    log = POSTMARK.accepted(1, NOW - timedelta(hours=12))
    reply = POSTMARK.dialect.found(POSTMARK.asking(question), log)
    assert reply
    assert json.loads(reply.body)["Messages"]
    # Its reference shows a recipient without a name as null, which this old description knows not.
    named = replace(reply, body=reply.body.replace(b'"Name": null', b'"Name": ""'))
    api("postmark.json").validate_response(request, answered(named))
    path = question.path.replace("count=10&", "")
    assert is_refused("postmark.json", described(POSTMARK, replace(question, path=path)))
    assert is_refused("postmark.json", described(POSTMARK, replace(question, headers={})))


def test_resend_describes_our_request() -> None:
    resend = Exchange("resend")
    request = described(resend, resend.request(messages(3)))
    api("resend.json").validate_request(request)
    wrong = changed(request, lambda body: body[0].pop("to"))
    assert is_refused("resend.json", wrong)


def faults(shape: Shape, value: Mapping[str, Any]) -> str:
    """What botocore finds wrong, which leaves patterns and most lengths to the server."""
    report: str = ParamValidator().validate(value, shape).generate_report()
    return report


def test_ses_describes_our_request() -> None:
    takes, _ = ses_operation()
    assert faults(takes, json.loads(SES.request(messages(3)).body)) == ""
    chosen = Exchange("ses", {"configuration-set": "news"}).request(messages(50))
    assert faults(takes, json.loads(chosen.body)) == ""


@pytest.mark.parametrize("change", [
    lambda body: body.pop("DefaultContent"),
    lambda body: body.update(Subject="x"),
    lambda body: body["BulkEmailEntries"][0].update(ReplacementHeaders={"a": "b"}),
    lambda body: body["BulkEmailEntries"][0]["ReplacementTags"].append({"Name": "a"}),
    lambda body: body["ConfigurationOverrides"]["Tracking"].update(Opens="DISABLED"),
])  # fmt: skip
def test_ses_describes_no_such_request(change: Change) -> None:
    body = json.loads(SES.request(messages(1)).body)
    change(body)
    takes, _ = ses_operation()
    assert faults(takes, body)


def test_ses_describes_the_emulators_answers_and_our_path() -> None:
    rejected = {"reader.1@example.net": "no"}
    reply = SES.dialect.accepted(SES.sending(messages(2)), rejected, ["a", "b"])
    _, gives = ses_operation()
    assert faults(gives, json.loads(reply.body)) == ""
    model = ServiceModel(Loader().load_service_model("sesv2", "service-2"))
    assert (
        SES.request(messages(1)).path == model.operation_model("SendBulkEmail").http["requestUri"]
    )
    enum = model.shape_for("BulkEmailStatus").enum  # type: ignore[attr-defined]
    assert set(enum) == {"SUCCESS", *vars(SES.file)["STATUSES"]}
    named = {shape.name for shape in model.operation_model("SendBulkEmail").error_shapes}
    assert named <= set(vars(SES.file)["ERRORS"])


SENDER = "news@press.test"


def probe(exchange: Exchange) -> MockRequest:
    """What `newsletter doctor` asks, as a description reads it."""
    return described(exchange, cast("Vouching", exchange.file).probe(exchange.access, SENDER))


@pytest.mark.parametrize(
    ("exchange", "name", "answer"),
    [
        (MAILGUN, "mailgun.yaml", None),
        (Exchange("resend"), "resend.json", {
            "object": "list",
            "has_more": False,
            "data": [{
                "id": "d91cd9bd-1176-453e-8fc1-35364d380206",
                "name": "press.test",
                "status": "verified",
                "created_at": "2026-01-01T00:00:00.000Z",
                "region": "eu-west-1",
            }],
        }),
    ],
)  # fmt: skip
def test_what_the_doctor_asks_is_described(exchange: Exchange, name: str, answer: object) -> None:
    request = probe(exchange)
    api(name).validate_request(request)
    if answer:
        api(name).validate_response(request, answered(Reply(200, json.dumps(answer).encode())))


def test_what_the_doctor_reads_of_mailgun_is_what_its_description_gives() -> None:
    path = spec("mailgun.yaml")["paths"]["/v4/domains/{name}"]["get"]
    examples = path["responses"]["200"]["content"]["application/json"]["examples"]
    told = Response(200, {}, json.dumps(examples["Example"]["value"], default=str).encode())
    said = cast("Vouching", MAILGUN.file).vouched(told, MAILGUN.access, SENDER)
    assert said == Vouched(True, "the domain is active", ("mx",))


def test_ses_has_what_the_doctor_asks_and_reads() -> None:
    model = ServiceModel(Loader().load_service_model("sesv2", "service-2"))
    operation = model.operation_model("GetEmailIdentity")
    wanted = operation.http["requestUri"].replace("{EmailIdentity}", "press.test")
    request = cast("Vouching", SES.file).probe(SES.access, SENDER)
    assert (request.method, request.path) == (operation.http["method"], wanted)
    assert SES.dialect.is_authorised(SES.asking(request), SECRETS["ses"])
    assert operation.output_shape
    members = operation.output_shape.members
    assert {"VerifiedForSendingStatus", "DkimAttributes"} <= set(members)
    dkim = members["DkimAttributes"]
    assert isinstance(dkim, StructureShape)
    assert "Tokens" in dkim.members
