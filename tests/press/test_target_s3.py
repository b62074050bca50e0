"""The target s3: what is sent with each object, and stores that are other than the simplest."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.s3.models import s3_backends

from press.deploy import Difference, s3
from press.problems import ProblemsFound
from tests.press.targets import Yard
from tests.press.targets.s3 import ACCOUNT, BUCKET, PREFIX, Store, opened
from tests.press.test_targets import FIRST, SECOND

RULES = b"""/*
  X-Content-Type-Options: nosniff
/assets/*
  Cache-Control: public, max-age=3600
/pagefind/index/*
  Cache-Control: public, max-age=31536000, immutable
/feed.xml
  Content-Type: application/rss+xml; charset=utf-8
  Cache-Control: public, max-age=600
"""
FILES = {**FIRST, "_headers": RULES, "pagefind/index/x.pf": b"x"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path) as made:
        yield made


@pytest.fixture
def yard(store: Store, tmp_path: Path) -> Yard:
    return Yard("s3", store, tmp_path)


def held() -> Any:
    return s3_backends[ACCOUNT]["aws"].buckets[BUCKET].keys


@pytest.mark.parametrize(("path", "kind", "lasts"), [
    ("index.html", "text/html; charset=utf-8", "public, max-age=0, must-revalidate"),
    ("assets/style.css", "text/css; charset=utf-8", "public, max-age=3600"),
    ("feed.xml", "application/rss+xml; charset=utf-8", "public, max-age=600"),
    ("pagefind/index/x.pf", "application/octet-stream", "public, max-age=31536000, immutable"),
    ("manifest.json", "application/json", "public, max-age=0, must-revalidate"),
])  # fmt: skip
def test_each_object_has_its_type_and_how_long_it_lasts(
    yard: Yard, store: Store, path: str, kind: str, lasts: str
) -> None:
    yard.bring(FILES)
    headers = store.ask("GET", f"{PREFIX}/{path}").headers
    assert (headers["content-type"], headers["cache-control"]) == (kind, lasts)


def test_other_headers_are_sent_with_all_objects_again(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.bring(FILES)
    more = {
        **FILES,
        "_headers": RULES + RULES.split(b"immutable\n")[1].replace(b"/f", b"/tags/x/f"),
    }
    assert yard.bring(more) == Difference(("_headers", "manifest.json"))
    monkeypatch.setattr(s3, "FRESH", "no-cache")
    found = yard.bring(more)
    assert found
    assert len(found.changed) == len(more) + 1
    assert yard.bring(more) == Difference()


def test_what_lies_elsewhere_in_the_bucket_is_left_alone(yard: Yard, store: Store) -> None:
    other = store.ask("PUT", "under/here-not/x", b"x")
    assert other.status == 200
    yard.bring(FIRST)
    yard.bring(SECOND)
    assert store.ask("GET", "under/here-not/x").body == b"x"


def test_a_store_whose_tags_are_no_digests_is_asked_for_ours(yard: Yard) -> None:
    """As with keys of AWS KMS, or where an object came in parts."""
    yard.bring(FIRST)
    for key in held():
        held()[key]._etag = "0" * 32
    assert yard.bring(FIRST) == Difference()
    found = yard.bring(SECOND)
    assert found == Difference(
        ("assets/empty.js", "b.html", "index.html", "manifest.json"), ("old/gone.html",)
    )


def test_a_list_of_many_pages_is_read_to_its_end(yard: Yard) -> None:
    yard.bring(FIRST)
    backend = s3_backends[ACCOUNT]["aws"]
    for number in range(1100):
        backend.put_object(BUCKET, f"{PREFIX}/z/{number:04} +&.txt", b"")
    found = yard.place().compare(yard.cargo(FIRST))
    assert found
    assert len(found.gone) == 1100


def test_keys_that_are_refused_are_a_problem_without_them(yard: Yard, store: Store) -> None:
    secret = store.environment["AWS_SECRET_ACCESS_KEY"][::-1]
    store.environment["AWS_SECRET_ACCESS_KEY"] = secret
    with pytest.raises(ProblemsFound, match=r"status 403 \(SignatureDoesNotMatch\)") as error:
        yard.bring(FIRST)
    assert secret not in f"{error.value} {yard.place()!r}"


@pytest.mark.parametrize(("given", "address"), [
    ({}, "https://my-series.s3.us-east-1.amazonaws.com"),
    ({"region": "eu-west-3"}, "https://my-series.s3.eu-west-3.amazonaws.com"),
    ({"endpoint": "https://s3.example.org/"}, "https://s3.example.org/my-series"),
    ({"endpoint": "https://{bucket}.example.org"}, "https://my-series.example.org"),
])  # fmt: skip
def test_the_bucket_stands_in_the_host_or_in_the_path(
    yard: Yard, given: dict[str, object], address: str
) -> None:
    yard.part.values = {"bucket": BUCKET, **given}
    place = yard.place()
    assert isinstance(place, s3.Bucket)
    assert place._base == address
