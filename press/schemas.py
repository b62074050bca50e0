"""JSON Schemas of series.toml and of front matter, made from the fields that are read.

They are for editors: the one for YAML knows draft 7 and those before it, the one for TOML too. A
schema may allow what a check refuses, and refuses nothing that a check allows.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from press import config, frontfields, frontmatter, keys
from press.fields import Field, Shape
from press.problems import SourceText
from press.root import FILE

DRAFT = "http://json-schema.org/draft-07/schema#"
LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")

Schema = dict[str, Any]


def series() -> Schema:
    """Of series.toml."""
    whole = _object(keys.FIELDS, _toml)
    for name, fields in keys.TABLES.items():
        table = _object(fields, _toml, others=keys.OPEN.get(name, False))
        whole["properties"][name] |= table
    return {"$schema": DRAFT, "title": "series.toml of Proofpress", **whole}


def front_matter() -> Schema:
    """Of an article's front matter; dates are what they are written as."""
    nothing, _ = config.parse(SourceText(FILE, ""))
    whole = _object(frontfields.fields(nothing, ""), _yaml)
    return {"$schema": DRAFT, "title": "Front matter of Proofpress", **whole}


FILES = {"series": series, "front-matter": front_matter}


def text(name: str) -> str:
    return json.dumps(FILES[name](), indent=2, ensure_ascii=False) + "\n"


def _object(fields: Iterable[Field], read: Any, *, others: Shape | bool = False) -> Schema:
    properties: Schema = {}
    required: list[str] = []
    either: list[Schema] = []
    for field in fields:
        properties[field.name] = _property(field, read)
        for alias in field.aliases:
            properties[alias] = {**field.shape, "description": f"The same as `{field.name}`."}
        if field.required and field.aliases:
            names = (field.name, *field.aliases)
            either.append({"anyOf": [{"required": [name]} for name in names]})
        elif field.required:
            required.append(field.name)
    found: Schema = {"type": "object", "properties": properties}
    found |= {"required": required} if required else {}
    found |= {"allOf": either} if either else {}
    return found | {"additionalProperties": others}


def _property(field: Field, read: Any) -> Schema:
    about = LINK.sub(r"\1", field.doc)
    found = {**field.shape, "description": f"{about[:1].upper()}{about[1:]}."}
    if not field.required and isinstance(field.default, bool | int | float) and field.default:
        found["default"] = field.default
    if field.default is False:
        found["default"] = False
    if field.example:
        found["examples"] = [_as_json(read(field.example)[field.name])]
    return found


def _toml(example: str) -> Mapping[str, object]:
    return tomllib.loads(example)


def _yaml(example: str) -> Mapping[str, object]:
    located, _ = frontmatter.split(SourceText("example", f"---\n{example}\n---\n"))
    return {key: one.value for key, one in located.items()}


def _as_json(value: object) -> object:
    """The value as YAML of version 1.2 has it, where a date is a text."""
    if isinstance(value, dict):
        return {key: _as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_json(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
