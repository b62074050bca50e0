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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

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

LIBRARIES = (".rlib", ".so", ".dylib", ".dll")
"""What the files of libraries end in; of two of one crate, the first is linked."""

BUILD = ("build", "--message-format", "json")
BUILD_SECONDS = 600

BEHIND = re.compile("error: failed to (?:get|load|parse|read) ")
"""What cargo says first where its reason stands below."""

DEBIAN_CONFIG = [
    "--config", 'source.crates-io.replace-with="debian"',
    "--config", f'source.debian.directory="{DEBIAN}"',
]  # fmt: skip


class Toolchain(Struct, frozen=True):
    rustc: str
    version: str
    root: str
    """The folder of the compiler and its libraries."""
    wanted: Mapping[str, object]
    """The crates that the series declares, as in a Cargo.toml."""
    crates: Mapping[str, Path] = field(default_factory=dict)
    """Name in code of each crate that is to be had -> its compiled library."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Name in code of each that is not -> why, in cargo's words."""

    def flags(self, code: str) -> list[str]:
        """What rustc has to be told for the crates that a code names."""
        named = [name for name in self.crates if _names(code, name)]
        flags = [word for name in named for word in ("--extern", f"{name}={self.crates[name]}")]
        return [*flags, "-L", f"dependency={self.crates[named[0]].parent}"] if named else []

    def missing(self, code: str) -> str:
        """A crate that a code names and the series declares, and that is not to be had; or ""."""
        declared = map(_in_code, self.wanted)
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
    if not wanted:
        return tools
    built = _built(tools, folder)
    return replace(tools, crates=built.libraries, refused=built.refused)


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


class _Built(Struct, frozen=True):
    libraries: Mapping[str, Path] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


def _built(tools: Toolchain, folder: Path) -> _Built:
    """The wanted crates that can be built, and why others can't."""
    words = json.dumps([tools.version, sorted(tools.wanted.items())], sort_keys=True)
    place = folder / sha256(words.encode()).hexdigest()[:16]
    known = _remembered(place, len(tools.wanted))
    return _build(tools.wanted, place) if known is None else _Built(known)


def _remembered(place: Path, count: int) -> dict[str, Path] | None:
    """What an earlier build made of so many crates, if it is all still there."""
    try:
        listed = json.loads((place / "crates.json").read_text())
        found = {name: Path(path) for name, path in listed.items()}
    except (OSError, ValueError, AttributeError):
        return None
    is_there = len(found) == count and all(path.is_file() for path in found.values())
    return found if is_there else None


def _build(wanted: Mapping[str, object], place: Path) -> _Built:
    """Build the crates from Debian's sources, or else from what cargo has: whichever has more.

    What can't be had is not remembered: it may be installed tomorrow.
    """
    best = _Built()
    try:
        for config in ([DEBIAN_CONFIG] if DEBIAN.is_dir() else []) + [[]]:
            built = _build_from(config, wanted, place)
            if not built.refused:
                listed = {name: str(path) for name, path in built.libraries.items()}
                (place / "crates.json").write_text(json.dumps(listed))
                return built
            best = max(best, built, key=lambda one: (len(one.libraries), len(one.refused)))
    except OSError as error:
        return _Built({}, dict.fromkeys(map(_in_code, wanted), f"cargo: {error.strerror}"))
    return best


def _build_from(config: list[str], wanted: Mapping[str, object], place: Path) -> _Built:
    """Build all crates, or those that are left without the ones that a build fails for."""
    left = dict(wanted)
    refused: dict[str, str] = {}
    while left:
        made = _cargo(left, place, config)
        told = made if made.error else _cargo(left, place, config, _resolving())
        if not told.error:
            return _Built(_libraries(made.output, _names_in_code(told.output)), refused)
        named = _named(told.error, left)
        name = named or next((n for n in left if _cargo({n: left[n]}, place, config).error), "")
        name = name or next(reversed(left))  # each is to be had alone
        refused[_in_code(name)] = reason(told.error)
        del left[name]
    return _Built({}, refused)


class _Made(Struct, frozen=True):
    output: str = ""
    """Cargo's messages of what it makes, as JSON."""
    error: str = ""
    """What it says of its failure; empty if it did not fail."""


def _cargo(
    wanted: Mapping[str, object], place: Path, config: list[str], command: Sequence[str] = BUILD
) -> _Made:
    """Let cargo build crates, or something else with them.

    Each set has a manifest of its own, and all of a place the rest.
    """
    manifest = MANIFEST + "".join(_dependencies(wanted))
    package = place / sha256(manifest.encode()).hexdigest()[:16]
    (package / "src").mkdir(parents=True, exist_ok=True)
    (package / "src/main.rs").write_text("fn main() {}\n")
    (package / "Cargo.toml").write_text(manifest)
    # Of another toolchain, it may not be readable:
    (package / "Cargo.lock").unlink(missing_ok=True)
    environment = {"RUSTUP_AUTO_INSTALL": "0", "CARGO_TARGET_DIR": str(place / "target")}
    try:
        done = subprocess.run(
            ["cargo", *command, "--offline", "--quiet", *config],
            cwd=package,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=BUILD_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return _Made(error=f"cargo takes more than {BUILD_SECONDS} seconds")
    if done.returncode == 0:
        return _Made(done.stdout)
    said = done.stderr.replace(f" ({package})", "").replace(f"{place}/", "").strip()
    return _Made(error=said or "cargo failed")


def _named(error: str, wanted: Iterable[str]) -> str:
    """Which of the wanted crates cargo names first; empty if it names none."""
    places = {name: re.search(rf"[`(]{re.escape(name)}[`) @:]", error) for name in wanted}
    found = {name: place.start() for name, place in places.items() if place}
    return min(found, key=found.__getitem__, default="")


def reason(error: str) -> str:
    """The line of what cargo says that tells why: its first, or that of the cause behind it."""
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    features = [line for line in lines if "have that feature" in line or "these features" in line]
    if BEHIND.match(error) and "Caused by:" in lines:
        lines = lines[len(lines) - lines[::-1].index("Caused by:") :]
    return ([*features, *lines, "cargo failed"])[0].removeprefix("error: ")


def _in_code(name: str) -> str:
    return name.replace("-", "_")


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


def _resolving() -> list[str]:
    """The command of cargo that tells what was resolved: for this machine, or it would need what
    other ones do.
    """
    host = re.search("^host: (.+)$", _said("rustc", "-vV"), re.MULTILINE)
    here = ["--filter-platform", host[1]] if host else []
    return ["metadata", "--format-version", "1", *here]


def _names_in_code(metadata: str) -> dict[str, str]:
    """Cargo's name for each of the wanted crates -> the name that it has in code.

    A crate may have another one there than in a Cargo.toml: that of its library, or the one that
    whoever wants it gives it (`package = `).
    """
    resolved = json.loads(metadata)["resolve"]
    ours = next(one for one in resolved["nodes"] if one["id"] == resolved["root"])
    return {one["pkg"]: one["name"] for one in ours["deps"]}


def _libraries(messages: str, names: Mapping[str, str]) -> dict[str, Path]:
    """The libraries that cargo says it has made, of crates that have a name in code (cargo's JSON
    messages).
    """
    found: dict[str, Path] = {}
    for line in messages.splitlines():
        message: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
        name = names.get(message.get("package_id", ""))
        files = [Path(one) for one in message.get("filenames", ())]
        libraries = [one for one in files if one.suffix in LIBRARIES]
        if name and libraries:
            found[name] = min(libraries, key=lambda one: LIBRARIES.index(one.suffix))
    return found
