"""The schemas for editors: they refuse nothing that a check takes, and much of what it refuses."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from press import config, frontfields, keys, schemas
from press.fields import Field, Wrong
from press.problems import SourceText
from tests.conftest import NEWSLETTER, REPOSITORY, SERIES
from tests.structure.conftest import tracked

SERIES_SCHEMA = Draft7Validator(schemas.series())
FRONT_SCHEMA = Draft7Validator(schemas.front_matter())
CONFIG = config.parse(SourceText("series.toml", SERIES))[0]
FRONT_FIELDS = frontfields.fields(CONFIG, "a-name")
FIELDS = [
    *(pytest.param(one, id=one.name) for one in (*keys.FIELDS, *FRONT_FIELDS)),
    *(
        pytest.param(one, id=f"{table}.{one.name}")
        for table, fields in keys.TABLES.items()
        for one in fields
    ),
]

CANT_SAY: list[tuple[str, object, str]] = [
    ("timezone", "Europe/Nowhere", "which zones there are"),
    ("url", "https://example.org/?a=b", "what parts an address may have"),
    ("from", "a@b@c", "what a mailbox is"),
    ("edit-url", "ftp://{path}", "that an address is one of http with its place filled in"),
    ("unsubscribe-url", "https://{token}.example.org/", "in which part of it a place stands"),
    ("slug", "a" * 101, "how long a text is without the space around it"),
    ("requires-python", "three", "what PEP 440 and PEP 508 say"),
    ("date", "2026-13-01", "which days there are"),
    ("tags", ["!"], "that a tag has a letter or a digit"),
    ("aliases", ["../up"], "which paths are of the site"),
]
"""A key, a value that a check refuses and a schema does not, and what it can't say."""

BAD: dict[str, list[object]] = {
    "title": ["", " ", 1, True, ["a"], None],
    "url": ["example.org", "ftp://example.org", 1],
    "id": [1, "", None],
    "language": ["e", "en_GB", 1],
    "site": ["a", 1, []],
    "coming": ["true", 1, None],
    "hubs": [1, ["ftp://a"], [1]],
    "edit-url": ["https://example.org/"],
    "from": ["nobody", 1],
    "unsubscribe-url": ["http://example.org/{token}", "https://example.org/"],
    "content": ["all", 1],
    "rate": ["14", 0, 100_001, True],
    "batch": [0, 10_001, 1.5, "50"],
    "dependencies": [1],
    "date": ["tomorrow", 2026, None],
    "draft": ["maybe", 1],
    "tags": [1, [1], [""]],
    "slug": ["A", "a--b", 1],
    "changes": ["a", [{"date": "2026-01-01"}], [{"date": "2026-01-01", "note": "a", "by": "b"}]],
    "python": ["a", {"contnue": True}, {"timeout": 0}, {"continue": "yes"}],
    "rust": [{"dependencies": {"!": "1"}}, {"dependencies": {"a": 1}}],
}
"""Key -> values that a check refuses, and a schema too."""


def as_json(value: object) -> Any:
    """What a value is in JSON: dates are as they are written."""
    return json.loads(json.dumps(value, default=lambda one: one.isoformat()))


def errors(validator: Draft7Validator, document: object) -> list[str]:
    found = validator.iter_errors(as_json(document))
    return [f"{'/'.join(map(str, one.absolute_path))}: {one.message}" for one in found]


def takes(field: Field, value: object) -> bool:
    try:
        field.read(value)
    except Wrong:
        return False
    return True


@pytest.mark.parametrize("name", schemas.FILES)
def test_a_schema_is_one_of_draft_7_and_kept(name: str) -> None:
    Draft7Validator.check_schema(schemas.FILES[name]())
    kept = REPOSITORY / f"docs/schemas/{name}.json"
    assert kept.read_text() == schemas.text(name), "UPDATE_REFERENCE=1 pytest tests/structure"


OURS = [one for one in tracked() if "/blogs/" not in one and not one.startswith("templates/")]
"""Without the blogs of other tools, which are there to be imported, and what `start` fills in."""


@pytest.mark.parametrize("path", [one for one in OURS if one.endswith("series.toml")])
def test_every_series_toml_of_the_repository_is_valid(path: str) -> None:
    assert errors(SERIES_SCHEMA, tomllib.loads((REPOSITORY / path).read_text())) == []


ARTICLES = [one for one in OURS if "content/" in one and one.endswith(".md") and "/_" not in one]


@pytest.mark.parametrize("path", ARTICLES)
def test_the_front_matter_of_every_article_is_valid(path: str) -> None:
    front = (REPOSITORY / path).read_text().split("\n---\n")[0].removeprefix("---\n")
    assert errors(FRONT_SCHEMA, yaml.safe_load(front)) == []


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_says_what_it_takes_with_an_example(field: Field) -> None:
    assert field.shape, f"give the reader of `{field.name}` a shape (press/fields.py)"
    assert field.doc
    if field.shape.get("type") != "object" or field.example:
        assert field.example


def one_of(fields: list[Field], name: str) -> Field:
    return next(one for one in fields if one.name == name)


ALL = [*keys.FIELDS, *FRONT_FIELDS, *(one for fields in keys.TABLES.values() for one in fields)]


def known_bad() -> Iterator[tuple[Field, object]]:
    for name, values in BAD.items():
        for field in ALL:
            if field.name == name:
                yield from ((field, value) for value in values if not takes(field, value))


def test_what_is_bad_is_bad_for_both() -> None:
    found = list(known_bad())
    assert {field.name for field, _ in found} == set(BAD)
    for field, value in found:
        assert errors(Draft7Validator(dict(field.shape)), value), (field.name, value)


@pytest.mark.parametrize(("key", "bad", "why"), CANT_SAY)
def test_what_a_schema_cannot_say_is_known(key: str, bad: object, why: str) -> None:
    fields = [one for one in ALL if one.name == key and not takes(one, bad)]
    assert fields, why
    assert any(not errors(Draft7Validator(dict(one.shape)), bad) for one in fields)


words = st.one_of(
    st.text(max_size=12),
    st.sampled_from([
        " padded ", "a-b", "A", "en", "pt-BR", "https://example.org/a", "HTTP://EXAMPLE.ORG",
        " https://example.org/{token}", "https://example.org/{path}", "tag:example.org,2026:a",
        "A Name <a@example.org>", "whole", " summary ", "2026-01-01", "20260101T1200", "UTC",
        ">=3.12", "httpx>=0.28", "/old/page.html", "1.5", "true", "\u00a0a\u00a0",
    ]),
)  # fmt: skip
scalars = st.one_of(
    words, st.booleans(), st.integers(-5, 200_000), st.floats(-2, 200_000), st.none(),
    st.dates(), st.datetimes(timezones=st.just(UTC)),
)  # fmt: skip
tables = st.dictionaries(
    st.sampled_from(["date", "note", "tokio", "continue", "timeout", "group", "dependencies"]),
    st.one_of(scalars, st.lists(words, max_size=2), st.just({"tokio": "1"})),
    max_size=3,
)
values = st.one_of(scalars, st.lists(st.one_of(scalars, tables), max_size=3), tables)


@pytest.mark.parametrize("field", FIELDS)
@given(value=values)
def test_a_schema_refuses_nothing_that_a_check_takes(field: Field, value: object) -> None:
    if takes(field, value):
        assert errors(Draft7Validator(dict(field.shape)), _written(value)) == []


def _written(value: object) -> object:
    """A date as an author would have written it, which YAML and TOML read as a date."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [_written(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _written(one) for key, one in value.items()}
    return value


@pytest.mark.parametrize("missing", ["title", "date", "description"])
def test_what_is_needed_may_have_its_other_name(missing: str) -> None:
    whole = {"title": "a", "date": "2026-01-01", "description": "b"}
    assert errors(FRONT_SCHEMA, whole) == []
    some = {key: value for key, value in whole.items() if key != missing}
    assert errors(FRONT_SCHEMA, some)
    for alias in one_of(ALL, missing).aliases if missing != "description" else ("summary",):
        assert errors(FRONT_SCHEMA, {**some, alias: whole[missing]}) == []


def test_what_is_misspelt_is_found_and_a_providers_own_table_is_not_judged() -> None:
    document = tomllib.loads(f"{SERIES}{NEWSLETTER}\n[newsletter.smtp]\nhost = 'a'\n")
    assert errors(SERIES_SCHEMA, document) == []
    document["newsletter"]["form"] = "a@b"
    document["sit"] = {}
    document["site"] = {"hub": []}
    assert len(errors(SERIES_SCHEMA, document)) == 3


def test_the_verb_prints_them() -> None:
    for name in schemas.FILES:
        done = subprocess.run(
            ["./build.py", "schema", name],
            cwd=REPOSITORY, env=_with_our_python(), capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout == schemas.text(name)


def _with_our_python() -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


TAPLO = shutil.which("taplo", path=_with_our_python()["PATH"])


@pytest.mark.skipif(not TAPLO, reason="taplo is not installed: make test")
@pytest.mark.parametrize(
    ("more", "status"), [("", 0), ("[site]\ncoming = 1\n", 1), ("[site]\ncomin = true\n", 1)]
)
def test_an_editors_own_engine_reads_the_schema(tmp_path: Path, more: str, status: int) -> None:
    """Taplo is what checks TOML within editors. It finds the schema by the first line."""
    (tmp_path / "docs/schemas").mkdir(parents=True)
    shutil.copy(REPOSITORY / "docs/schemas/series.json", tmp_path / "docs/schemas")
    text = (REPOSITORY / "series.toml").read_text()
    assert text.startswith("#:schema ./docs/schemas/series.json\n")
    (tmp_path / "series.toml").write_text(f"{text}\n{more}")
    done = subprocess.run(
        [str(TAPLO), "lint", "series.toml"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == status, done.stderr.decode()
