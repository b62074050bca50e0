"""AWS Signature Version 4: proves a request to be of whoever has a secret key. Pure.

See "Create a signed AWS API request" in the AWS Identity and Access Management User Guide.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
PORTS = {"http": 80, "https": 443}
S3 = "s3"


@dataclass(frozen=True, slots=True)
class Keys:
    """Of an account; `session` stands beside keys that last for a while."""

    id: str
    secret: str = field(repr=False)
    session: str = field(default="", repr=False)


JSON = {"Content-Type": "application/json"}


def signed(
    keys: Keys,
    region: str,
    service: str,
    url: str,
    body: bytes,
    now: datetime,
    method: str = "POST",
    more: Mapping[str, str] = JSON,
) -> dict[str, str]:
    """The headers of a request, `more` and its signature among them.

    The query of the URL, if it has one, is in its canonical form: sorted and encoded by RFC 3986.
    S3 signs a path as it is; all other services encode it once more.
    """
    at = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {**more, "X-Amz-Date": at}
    if service == S3:
        headers["X-Amz-Content-Sha256"] = _hash(body)
    if keys.session:
        headers["X-Amz-Security-Token"] = keys.session
    # Whoever sends it writes the host.
    told = {name.lower(): value for name, value in {**headers, "Host": _host(url)}.items()}
    names = ";".join(sorted(told))
    scope = f"{at[:8]}/{region}/{service}/aws4_request"
    parts = urlsplit(url)
    path = (parts.path if service == S3 else quote(parts.path)) or "/"
    request = _canonical(method, path, parts.query, told, names, body)
    signature = _signature(keys, scope, f"{ALGORITHM}\n{at}\n{scope}\n{_hash(request.encode())}")
    credential = f"{ALGORITHM} Credential={keys.id}/{scope}"
    proof = f"{credential}, SignedHeaders={names}, Signature={signature}"
    return {**headers, "Authorization": proof}


def _signature(keys: Keys, scope: str, to_sign: str) -> str:
    """By a key that is made for a day, a region and a service."""
    key = f"AWS4{keys.secret}".encode()
    for part in (*scope.split("/"), to_sign):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def _host(url: str) -> str:
    """As the header has it: without a port that goes without saying."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    return host.removesuffix(f":{PORTS.get(parts.scheme)}")


def _canonical(
    method: str, path: str, query: str, headers: dict[str, str], names: str, body: bytes
) -> str:
    """The request in the form that is signed."""
    lines = [f"{name}:{' '.join(value.split())}" for name, value in sorted(headers.items())]
    return "\n".join([method, path, query, *lines, "", names, _hash(body)])


def _hash(data: bytes) -> str:
    return sha256(data).hexdigest()
