"""A bucket of moto's server, asked over HTTP: it checks each signature, as botocore makes it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from moto import settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

from press.sigv4 import S3, Keys, signed
from press.wire import Answer, Wire

BUCKET, PREFIX = "my-series", "under/here"
ACCOUNT = "123456789012"
"""That moto has for all."""
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
PLACE = (
    b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>"
    b"</CreateBucketConfiguration>"
)


class Store:
    def __init__(self, server: ThreadedMotoServer, keys: Keys) -> None:
        self.server, self.keys = server, keys
        self.base = "http://{}:{}".format(*server.get_host_and_port())
        self.values: dict[str, object] = {
            "bucket": BUCKET, "region": "eu-west-1", "endpoint": self.base, "prefix": PREFIX,
        }  # fmt: skip
        self.environment = {
            "AWS_ACCESS_KEY_ID": keys.id, "AWS_SECRET_ACCESS_KEY": keys.secret,
        }  # fmt: skip

    def ask(
        self, method: str, key: str, content: bytes = b"", more: Mapping[str, str] | None = None
    ) -> Answer:
        address = f"{self.base}/{BUCKET}/{quote(key)}"
        headers = signed(
            self.keys, "eu-west-1", S3, address, content, datetime.now(UTC), method, more or {}
        )
        answer = Wire().send(method, address, content, headers)
        assert answer.status < 300, answer.body
        return answer

    def all(self) -> list[str]:
        return sorted(s3_backends[ACCOUNT]["aws"].buckets[BUCKET].keys)

    def files(self) -> dict[str, bytes]:
        below = f"{PREFIX}/"
        return {k.removeprefix(below): self.ask("GET", k).body for k in self.all()}

    def put(self, path: str, content: bytes) -> None:
        self.ask("PUT", f"{PREFIX}/{path}", content)

    def state(self) -> object:
        found = s3_backends[ACCOUNT]["aws"].buckets[BUCKET].keys
        return {key: found[key].last_modified for key in self.all()}

    def break_down(self) -> None:
        self.server.stop()


@contextmanager
def opened(_folder: Path) -> Iterator[Store]:
    for backends in (s3_backends, iam_backends):
        backends[ACCOUNT]["aws"].reset()
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    made = Store(server, somebody())
    made.ask("PUT", "", PLACE)
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0.0
    ActionAuthenticatorMixin.request_count = 0
    try:
        yield made
    finally:
        settings.INITIAL_NO_AUTH_ACTION_COUNT = float("inf")
        server.stop()


def somebody() -> Keys:
    """Keys of a user that may do anything."""
    iam = iam_backends[ACCOUNT]["aws"]
    iam.create_user("aws", "somebody")
    policy = {"Version": "2012-10-17", "Statement": [ALL]}
    iam.put_user_policy("somebody", "all", json.dumps(policy))
    made = iam.create_access_key("somebody")
    return Keys(made.access_key_id, made.secret_access_key)
