"""Signatures as AWS makes them: judged by botocore, and by moto's server over HTTP."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.iam.models import iam_backends
from moto.server import ThreadedMotoServer

from press.sigv4 import S3, Keys, signed
from press.wire import Answer, Wire

NOW = datetime(2026, 9, 14, 12, 30, 5, tzinfo=UTC)
SENDER = "news@example.org"
WIRE = Wire()
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize("now", [NOW, NOW.astimezone(timezone(timedelta(hours=14)))])
@pytest.mark.parametrize("session", ["", "a//session+token=="])
@pytest.mark.parametrize("body", [b"", "{“}".encode()])
@pytest.mark.parametrize("url", [
    "https://email.eu-west-1.amazonaws.com/v2/email/outbound-bulk-emails",
    "https://email.eu-west-1.amazonaws.com:443/v2/email",
    "http://127.0.0.1:8080/under/a%20path/~x/ü",
    "http://LOCALHOST:80",
])  # fmt: skip
def test_botocore_makes_the_same_signature(
    url: str, body: bytes, session: str, now: datetime
) -> None:
    ours = signed(Keys("AKID", "a/secret", session), "eu-west-1", "ses", url, body, now)
    proof = ours.pop("Authorization")
    request = AWSRequest("POST", url, headers=ours, data=body)
    request.context["timestamp"] = ours["X-Amz-Date"]
    signer = SigV4Auth(Credentials("AKID", "a/secret"), "ses", "eu-west-1")
    to_sign = signer.string_to_sign(request, signer.canonical_request(request))
    assert ours["X-Amz-Date"] == "20260914T123005Z"
    assert proof.endswith(f", Signature={signer.signature(to_sign, request)}")
    assert f"Credential=AKID/{signer.credential_scope(request)}, " in proof
    names = signer.signed_headers(signer.headers_to_sign(request))
    assert f"SignedHeaders={names}, " in proof


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("session", ["", "a//session+token=="])
@pytest.mark.parametrize("url", [
    "https://s3.eu-west-1.amazonaws.com/bucket/under/a%20path/~x/%C3%BC",
    "http://127.0.0.1:9000/bucket?continuation-token=a%2Fb%3D&list-type=2&prefix=a%2F",
])  # fmt: skip
def test_botocore_signs_for_s3_alike(url: str, session: str, method: str) -> None:
    more = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "public,  max-age=0"}
    keys = Keys("AKID", "a/secret", session)
    ours = signed(keys, "eu-west-1", S3, url, b"body", NOW, method, more)
    proof = ours.pop("Authorization")
    request = AWSRequest(method, url, headers=ours, data=b"body")
    request.context["timestamp"] = ours["X-Amz-Date"]
    signer = S3SigV4Auth(Credentials("AKID", "a/secret"), S3, "eu-west-1")
    to_sign = signer.string_to_sign(request, signer.canonical_request(request))
    assert proof.endswith(f", Signature={signer.signature(to_sign, request)}")


def test_keys_are_not_shown() -> None:
    assert repr(Keys("AKID", "a/secret", "a/session")) == "Keys(id='AKID')"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Has an account that may do anything, and a sender; checks signatures."""
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    base = "http://{}:{}".format(*moto.get_host_and_port())
    try:
        url = f"{base}/v2/email/identities"
        body = json.dumps({"EmailIdentity": SENDER}).encode()
        headers = signed(Keys("any", "any"), "eu-west-1", "ses", url, body, datetime.now(UTC))
        post(base, "/v2/email/identities", body, headers)
        post(base, "/moto-api/reset-auth", b"0", {})
        yield base
    finally:
        post(base, "/moto-api/reset-auth", b"inf", {})
        moto.stop()


@pytest.fixture(scope="module")
def keys() -> Keys:
    """Of a user that may do anything."""
    iam = iam_backends["123456789012"]["aws"]  # the account that moto has for all
    iam.create_user("aws", "somebody")
    policy = {"Version": "2012-10-17", "Statement": [ALL]}
    iam.put_user_policy("somebody", "all", json.dumps(policy))
    made = iam.create_access_key("somebody")
    return Keys(made.access_key_id, made.secret_access_key)


def post(base: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
    return WIRE.send("POST", base + path, body, headers)


def send(base: str, keys: Keys, *, tampered: bool = False) -> Answer:
    """It knows no SendBulkEmail; what a signature covers is the same."""
    path = "/v2/email/outbound-emails"
    content = {"Subject": {"Data": "“On”"}, "Body": {"Text": {"Data": "x"}}}
    mail = {"FromEmailAddress": SENDER, "Destination": {"ToAddresses": ["a@example.net"]},
            "Content": {"Simple": content}}  # fmt: skip
    body = json.dumps(mail, ensure_ascii=False).encode()
    headers = signed(keys, "eu-west-1", "ses", base + path, body, datetime.now(UTC))
    return post(base, path, body.replace(b"net", b"org") if tampered else body, headers)


def test_moto_accepts_the_right_signature(server: str, keys: Keys) -> None:
    response = send(server, keys)
    assert response.status == 200
    assert json.loads(response.body)["MessageId"]


def test_moto_refuses_a_wrong_secret(server: str, keys: Keys) -> None:
    response = send(server, Keys(keys.id, keys.secret[::-1]))
    assert response.status == 403
    assert b"SignatureDoesNotMatch" in response.body


def test_moto_refuses_another_body(server: str, keys: Keys) -> None:
    response = send(server, keys, tampered=True)
    assert response.status == 403
    assert b"SignatureDoesNotMatch" in response.body


def test_moto_refuses_keys_that_nobody_has(server: str, keys: Keys) -> None:
    response = send(server, Keys("AKIAIOSFODNN7EXAMPLE", keys.secret))
    assert response.status == 403
    assert b"InvalidClientTokenId" in response.body
