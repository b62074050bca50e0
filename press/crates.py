"""The Rust toolchain of this machine, and the crates that a series' examples use.

Crates are built once, offline, by cargo into `.cache/rust/`; examples are linked with them by
rustc directly, which is far quicker than a cargo run each. Debian's crates (librust-*-dev) are
used where they are installed, else what cargo has downloaded before.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

DEBIAN = Path("/usr/share/cargo/registry")
"""Where librust-*-dev packages put their sources (Debian's dh-cargo)."""

MANIFEST = """\
[package]
name = "crates"
version = "0.0.0"
edition = "2021"

[profile.dev]
debug = 0
incremental = false

[workspace]

[dependencies]
"""

BUILD_SECONDS = 600

DEBIAN_CONFIG = [
    "--config", 'source.crates-io.replace-with="debian"',
    "--config", f'source.debian.directory="{DEBIAN}"',
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Toolchain:
    rustc: str
    version: str
    root: str
    """The folder of the compiler and its libraries."""
    wanted: Mapping[str, object]
    """The crates that the series declares, as in a Cargo.toml."""
    crates: Mapping[str, Path] = field(default_factory=dict)
    """Name in code of each crate that is to be had -> its compiled library."""

    def flags(self, code: str) -> list[str]:
        """What rustc has to be told for the crates that a code names."""
        named = [name for name in self.crates if _names(code, name)]
        flags = [word for name in named for word in ("--extern", f"{name}={self.crates[name]}")]
        return [*flags, "-L", f"dependency={self.crates[named[0]].parent}"] if named else []

    def missing(self, code: str) -> str:
        """A crate that a code names and the series declares, and that is not to be had; or ""."""
        declared = [name.replace("-", "_") for name in self.wanted]
        return next((n for n in declared if n not in self.crates and _names(code, n)), "")


def _names(code: str, crate: str) -> bool:
    return re.search(rf"\b{crate}\b(?=\s*::|\s*;|\s+as\b)", code) is not None


_known: dict[str, Toolchain | None] = {}


def toolchain(wanted: Mapping[str, object], cache: Path) -> Toolchain | None:
    """The toolchain with those of the wanted crates that are to be had; None without a rustc."""
    name = f"{sorted(wanted.items())!r} {cache}"
    if name not in _known:
        _known[name] = _look(wanted, cache / "rust")
    return _known[name]


def _look(wanted: Mapping[str, object], folder: Path) -> Toolchain | None:
    rustc, root = _direct("rustc")
    version = _said(rustc, "--version") if rustc else ""
    if not rustc or not version:
        return None
    tools = Toolchain(rustc, version, root, wanted)
    return replace(tools, crates=_crates(tools, folder)) if wanted else tools


def _direct(name: str) -> tuple[str, str]:
    """The tool itself, and its root: a rustup proxy costs time, and may want to download."""
    found = shutil.which(name)
    if found is None:
        return "", ""
    sysroot = _said(found, "--print", "sysroot")
    direct = Path(sysroot) / "bin" / name
    return (str(direct) if sysroot and direct.is_file() else found), sysroot


def _said(*command: str) -> str:
    environment = {**os.environ, "RUSTUP_AUTO_INSTALL": "0"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def _crates(tools: Toolchain, folder: Path) -> dict[str, Path]:
    """Name in code of each wanted crate that can be built -> its library."""
    words = json.dumps([tools.version, sorted(tools.wanted.items())], sort_keys=True)
    place = folder / sha256(words.encode()).hexdigest()[:16]
    built = _remembered(place)
    if built is None:
        built = _build(tools.wanted, place)
    return built


def _remembered(place: Path) -> dict[str, Path] | None:
    """What an earlier build made, if it is all still there."""
    try:
        listed = json.loads((place / "crates.json").read_text())
        found = {name: Path(path) for name, path in listed.items()}
    except (OSError, ValueError, AttributeError):
        return None
    return found if all(path.is_file() for path in found.values()) else None


def _build(wanted: Mapping[str, object], place: Path) -> dict[str, Path]:
    """Build the crates from Debian's sources, or else from what cargo has; {} where neither does.

    What can't be had is not remembered: it may be installed tomorrow.
    """
    try:
        (place / "src").mkdir(parents=True, exist_ok=True)
        (place / "src/main.rs").write_text("fn main() {}\n")
        (place / "Cargo.toml").write_text(MANIFEST + "".join(_dependencies(wanted)))
        for config in ([DEBIAN_CONFIG] if DEBIAN.is_dir() else []) + [[]]:
            found = dict(_libraries(_cargo(place, config), wanted))
            if found:
                listed = {name: str(path) for name, path in found.items()}
                (place / "crates.json").write_text(json.dumps(listed))
                return found
    except (OSError, subprocess.TimeoutExpired):
        pass  # the examples that need them are reported as not proven here
    return {}


def _cargo(place: Path, config: list[str]) -> str:
    """What cargo says of the libraries that it makes; nothing if it fails."""
    (place / "Cargo.lock").unlink(missing_ok=True)  # of another toolchain, it may not be readable
    command = ["cargo", "build", "--offline", "--quiet", "--message-format", "json", *config]
    place_for_all = {"RUSTUP_AUTO_INSTALL": "0", "CARGO_TARGET_DIR": str(place / "target")}
    done = subprocess.run(
        command,
        cwd=place,
        env={**os.environ, **place_for_all},
        capture_output=True,
        text=True,
        check=False,
        timeout=BUILD_SECONDS,
    )
    return done.stdout if done.returncode == 0 else ""


def _dependencies(wanted: Mapping[str, object]) -> Iterator[str]:
    for name, value in wanted.items():
        yield f"{json.dumps(name)} = {_toml(value)}\n"


def _toml(value: object) -> str:
    """A value as TOML writes it; tables inline."""
    if isinstance(value, dict):
        pairs = (f"{json.dumps(str(key))} = {_toml(one)}" for key, one in value.items())
        return "{ " + ", ".join(pairs) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


def _libraries(messages: str, wanted: Mapping[str, object]) -> Iterator[tuple[str, Path]]:
    """The libraries that cargo says it has made of the wanted crates (cargo's JSON messages)."""
    names = {name.replace("-", "_") for name in wanted}
    for line in messages.splitlines():
        message: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
        if message.get("reason") != "compiler-artifact":
            continue
        name = str(message["target"]["name"]).replace("-", "_")
        for file in message["filenames"]:
            if name in names and str(file).endswith((".rlib", ".so", ".dylib", ".dll")):
                yield name, Path(file)
