"""A bucket of Amazon S3, or of any store that speaks its protocol, below a prefix.

What is there is told by its ETag, the MD5 of a plain object; where a store makes it of something
else, by the SHA-256 that we have put beside. See the "Amazon S3 API Reference".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from hashlib import md5, sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from press import headers, manifest, sigv4
from press.cargo import is_manifest, waves
from press.deploy import KEEP, Advance, Cargo, Difference, failed, is_kept, require_ours
from press.fields import Field, Wrong, text
from press.keys import secure
from press.problems import ProblemsFound

if TYPE_CHECKING:  # only who asks loads what asks
    from press.wire import Answer, Wire

AMAZON = "https://{bucket}.s3.{region}.amazonaws.com"
BUCKET = "{bucket}"
AT_ONCE = 8
"""Objects that are put at a time."""


def _bucket(value: object) -> str:
    name = text(value)
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name):
        raise Wrong("must be the name of a bucket: lower-case letters, digits, dots and hyphens")
    return name


def _region(value: object) -> str:
    name = text(value)
    if not re.fullmatch(r"[a-z0-9-]{1,40}", name):
        raise Wrong("must be a region such as eu-central-1")
    return name


def _endpoint(value: object) -> str:
    address = text(value)
    secure(address.replace(BUCKET, "bucket"))
    return address.rstrip("/")


def _prefix(value: object) -> str:
    path = text(value).strip("/")
    if not re.fullmatch(r"[A-Za-z0-9._/-]+", path) or {"", ".", ".."} & set(path.split("/")):
        raise Wrong("must be a path such as series/rust")
    return f"{path}/"


FIELDS = (
    Field("bucket", _bucket, "the bucket", True, "", example='bucket = "my-series"'),
    Field("region", _region, "its region", default="us-east-1", example='region = "eu-central-1"'),
    Field("endpoint", _endpoint, f"the address of the store, with {BUCKET} where the name of the "
          "bucket belongs into it", default="", example='endpoint = "https://s3.example.org"'),
    Field("prefix", _prefix, "what each key begins with", default="", example='prefix = "series"'),
    KEEP,
)  # fmt: skip
SECRETS: Mapping[str, bool] = {
    "AWS_ACCESS_KEY_ID": True,
    "AWS_SECRET_ACCESS_KEY": True,
    "AWS_SESSION_TOKEN": False,
}

FRESH = "public, max-age=0, must-revalidate"
"""Of a page: what is there now is asked for each time."""
TYPES = {
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8", "mjs": "text/javascript; charset=utf-8",
    "json": "application/json", "xml": "application/xml", "opml": "text/x-opml",
    "md": "text/markdown; charset=utf-8", "txt": "text/plain; charset=utf-8",
    "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
    "gif": "image/gif", "webp": "image/webp", "avif": "image/avif", "ico": "image/x-icon",
    "woff2": "font/woff2", "wasm": "application/wasm", "pdf": "application/pdf",
    "mp4": "video/mp4", "webm": "video/webm", "mp3": "audio/mpeg", "zip": "application/zip",
    "csv": "text/csv; charset=utf-8", "gz": "application/gzip",
}  # fmt: skip
"""The same on each machine, which `mimetypes` is not."""
SUM, RULES = "x-amz-meta-sha256", "x-amz-meta-headers"
LISTED = ("{*}Key", "{*}ETag")


def connect(values: Mapping[str, Any], _root: Path, environment: Mapping[str, str]) -> "Bucket":
    endpoint = values["endpoint"] or AMAZON.replace("{region}", values["region"])
    keys = sigv4.Keys(*(environment.get(name, "") for name in SECRETS))
    return Bucket(
        values["bucket"], values["region"], endpoint, values["prefix"], values["keep"], keys
    )


@dataclass
class Bucket:
    bucket: str
    region: str
    endpoint: str
    prefix: str
    keep: tuple[str, ...]
    keys: sigv4.Keys = field(repr=False)

    @property
    def name(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    @cached_property
    def _wire(self) -> "Wire":
        from press.wire import Wire

        return Wire()

    @cached_property
    def _base(self) -> str:
        """The address that keys are added to."""
        if BUCKET in self.endpoint:
            return self.endpoint.replace(BUCKET, self.bucket)
        return f"{self.endpoint}/{self.bucket}"

    def compare(self, cargo: Cargo) -> Difference:
        there = dict(self._listed())
        sent_alike = manifest.FILE in there and self._rules_there() == _rules_name(cargo)
        changed = tuple(
            path for path, digest in cargo.files.items()
            if path not in there or not sent_alike
            or not self._is_same(cargo, path, digest, there[path])
        )  # fmt: skip
        gone = (path for path in there if path not in cargo.files and not is_kept(path, self.keep))
        found = Difference(changed, tuple(sorted(gone)))
        if found.gone:
            ours = manifest.FILE in there and is_manifest(self._ask("GET", manifest.FILE).body)
            require_ours(self.name, found, holds_a_site=ours)
        return found

    def bring(self, cargo: Cargo, difference: Difference, advance: Advance) -> None:
        rules, done = headers.rules(_text(cargo, headers.HEADERS)), 0

        def put(path: str) -> None:
            more = {**sent(path, rules), SUM: cargo.files[path]}
            if path == manifest.FILE:
                more[RULES] = _rules_name(cargo)
            self._ask("PUT", path, (cargo.folder / path).read_bytes(), more)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            for some in waves(difference.changed):
                for _ in pool.map(put, some):
                    done += 1
                    advance(done, len(difference.changed))
            list(pool.map(lambda path: self._ask("DELETE", path), difference.gone))

    def _is_same(self, cargo: Cargo, path: str, digest: str, tag: str) -> bool:
        content = (cargo.folder / path).read_bytes()
        if tag == md5(content, usedforsecurity=False).hexdigest():
            return True
        return self._ask("HEAD", path).headers.get(SUM) == digest

    def _rules_there(self) -> str:
        return self._ask("HEAD", manifest.FILE).headers.get(RULES, "")

    def _listed(self) -> Iterator[tuple[str, str]]:
        """The path and the ETag of each object below the prefix ("ListObjectsV2")."""
        more = {"list-type": "2", "prefix": self.prefix}
        while more:
            answer = self._ask("GET", None, query=urlencode(sorted(more.items()), quote_via=quote))
            page = self._parsed(answer.body)
            for one in page.iterfind("{*}Contents"):
                key, tag = (one.findtext(name, "") for name in LISTED)
                if not key.endswith("/"):  # what consoles make for a folder
                    yield key.removeprefix(self.prefix), tag.strip('"')
            token = page.findtext("{*}NextContinuationToken", "")
            more = {**more, "continuation-token": token} if token else {}

    def _parsed(self, content: bytes) -> ElementTree.Element:
        try:  # Python's expat bounds what entities can do
            return ElementTree.fromstring(content)  # noqa: S314
        except ElementTree.ParseError:
            raise failed(self.name, "the store's answer is no list of objects") from None

    def _ask(
        self,
        method: str,
        path: str | None,
        content: bytes = b"",
        more: Mapping[str, str] | None = None,
        query: str = "",
    ) -> "Answer":
        """Of an object, or of the bucket where `path` is None. Raises ProblemsFound."""
        from press.wire import Unanswered

        key = "" if path is None else quote(self.prefix + path, safe="/-._~")
        address = f"{self._base}/{key}" + (f"?{query}" if query else "")
        signed = sigv4.signed(
            self.keys, self.region, sigv4.S3, address, content, datetime.now(UTC), method,
            more or {},
        )  # fmt: skip
        try:
            answer = self._wire.send(method, address, content, signed)
        except Unanswered as error:
            hint = "publish again: it goes on"
            raise failed(self.name, f"the store can't be asked: {error}", hint) from None
        if not 200 <= answer.status < 300 and not (method == "DELETE" and answer.status == 404):
            raise self._refused(method, path or "", answer)
        return answer

    def _refused(self, method: str, path: str, answer: "Answer") -> ProblemsFound:
        said = re.search(rb"<Code>(\w{1,60})</Code>", answer.body)
        code = f" ({said[1].decode()})" if said else ""
        message = f"the store answers {method} {path} with status {answer.status}{code}"
        hint = "look at the bucket, its region and what the key may do; then publish again"
        return failed(self.name, message.replace("  ", " "), hint)


def sent(path: str, rules: Sequence[headers.Rule]) -> dict[str, str]:
    """The type of a file and how long it may be kept, as the site's own `_headers` say."""
    name = path.rpartition("/")[2]
    kind = TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    found = {"Content-Type": kind, "Cache-Control": FRESH}
    ours = chain.from_iterable(
        more.items() for pattern, more in rules if headers.fits(pattern, path)
    )
    return found | {name: value for name, value in ours if name in found}


def _text(cargo: Cargo, path: str) -> str:
    return (cargo.folder / path).read_text() if path in cargo.files else ""


def _rules_name(cargo: Cargo) -> str:
    """Objects keep the headers that they were put with: a name for what these are made of."""
    rules = headers.rules(_text(cargo, headers.HEADERS))
    for_many = [(pattern, sorted(more.items())) for pattern, more in rules if "*" in pattern]
    for_one = {repr(sorted(more.items())) for pattern, more in rules if "*" not in pattern}
    return sha256(repr((TYPES, FRESH, for_many, sorted(for_one))).encode()).hexdigest()
