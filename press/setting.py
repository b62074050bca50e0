"""What front matter and series.toml say of an article's examples."""

from collections.abc import Callable, Mapping
from typing import Any

from press.config import Config
from press.examples import MOST_SECONDS, SECONDS
from press.fields import Field, Wrong, flag, shaped, text
from press.keys import crates, packages, versions
from press.model import Setting
from press.problems import did_you_mean


@shaped({"type": "boolean"})
def _switch(value: object) -> str | None:
    """An option without a value, as a fence would write it; None for one that is off."""
    return "" if flag(value) else None


@shaped({"type": "number", "exclusiveMinimum": 0, "maximum": MOST_SECONDS})
def _timeout(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong(f"must be {SECONDS}")
    if not 0 < value <= MOST_SECONDS:
        raise Wrong(f"must be {SECONDS}")
    return str(value)


PYTHON: dict[str, Callable[[object], Any]] = {
    "requires-python": versions,
    "dependencies": packages,
    "continue": _switch,
    "group": text,
    "await": _switch,
    "timeout": _timeout,
}
RUST: dict[str, Callable[[object], Any]] = {"dependencies": crates, "timeout": _timeout}
"""Keys of front matter's tables for examples -> how each is read."""


def _table(keys: Mapping[str, Callable[[object], Any]]) -> Callable[[object], dict[str, Any]]:
    """A reader of a table with some of these keys."""

    shapes = {name: getattr(read_one, "shape", {}) for name, read_one in keys.items()}

    @shaped({"type": "object", "properties": shapes, "additionalProperties": False})
    def read(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Wrong("must be a table")
        for key in value:
            if key not in keys:
                hint = did_you_mean(str(key), keys) or f"it takes {', '.join(keys)}"
                raise Wrong(f"has a key `{key}`, which is none of its own: {hint}")
        found = {}
        for key, one in value.items():
            try:
                found[key] = keys[key](one)
            except Wrong as error:
                raise Wrong(f"has a `{key}`, which {error}") from None
        return found

    return read


FIELDS = (
    Field("network", flag, "true lets its examples reach other hosts", default=False,
          example="network: true"),
    Field("python", _table(PYTHON), "what its Python examples have in common", default={},
          example="python: {continue: true}"),
    Field("rust", _table(RUST), "what its Rust examples have in common", default={},
          example='rust: {dependencies: {tokio: "1"}}'),
)  # fmt: skip
"""The keys of front matter that are about examples."""

NAMES = frozenset(field.name for field in FIELDS)


def of(values: dict[str, Any], config: Config, files: Mapping[str, bytes]) -> Setting:
    """What the examples of an article have in common: its own words before those of the series."""
    python, rust = values["python"], values["rust"]
    own = {name: value for name, value in python.items() if value is not None}
    defaults = {
        name: own[name] for name in ("continue", "group", "await", "timeout") if name in own
    }
    return Setting(
        files,
        values["network"],
        own.get("requires-python", config.requires_python),
        tuple(dict.fromkeys([*config.packages, *own.get("dependencies", ())])),
        {**config.crates, **rust.get("dependencies", {})},
        {
            "python": defaults,
            "pycon": defaults,
            "rust": {name: value for name, value in rust.items() if name == "timeout"},
        },
    )
