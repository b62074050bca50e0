"""A Rust example -> its program; and many small ones -> one program that has them all.

Compiling is nearly all that a small example costs, so those that nothing tells apart from a module
of a larger program are compiled together, as `rustdoc` does from edition 2024 on.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence

from press.model import Example
from press.outermost import outermost

EDITION = "2021"

MOST = 50
"""Examples of one program: if one does not compile, the others have to be compiled again."""

# Of what is outermost in a code:
HAS_MAIN = re.compile(r"\bfn\s+main\s*[(<]")
INNER_ATTRIBUTE = re.compile(r"^\s*#!\[.*\]\s*$")

# What an example without `main` is wrapped in; the second is for one that uses `?` and ends in
# `Ok::<(), E>(())` (rustdoc, "Using ? in doc tests").
PLAIN = "fn main() {", "}"
RETURNS = (
    "fn main() { fn _inner() -> core::result::Result<(), impl core::fmt::Debug> {",
    "} _inner().unwrap() }",
)

# What is not the same in a module, what tells its place or name, and what has to fail to compile.
APART = re.compile(
    r"\bcrate\b|\bsuper::|\bextern\b|macro_export|macro_rules|#!\[|\bmod\s+\w+\s*;|include"
    r"|type_name|module_path!|file!|line!|column!|Location|backtrace|current_exe|env!|\bargs(?:_os)?\b|TypeId"
    r"|no_mangle|global_allocator|panic_handler|async\s+fn\s+main|dbg!|todo!"
)
APART_OPTIONS = frozenset({"compile_fail", "no_run", "skip", "file", "standalone_crate"})


def program(example: Example) -> str:
    """The program of an example, each of its lines where it stands in the article.

    A line that begins with `# ` is part of it and not shown; one without `main` is wrapped in it.
    """
    before, lines = _parts(example)
    return "\n" * (example.fence.line - 1) + " ".join(before) + "\n" + "\n".join(lines)


def _parts(example: Example) -> tuple[list[str], list[str]]:
    """What stands before the first line of the code, and the lines."""
    lines = [_unhidden(line) for line in example.fence.code.split("\n")]
    before = ["#![allow(unused)]"]
    seen = outermost("\n".join(lines))
    if not HAS_MAIN.search(seen):
        inner = [INNER_ATTRIBUTE.match(line) is not None for line in seen.split("\n")]
        before += [line for line, found in zip(lines, inner, strict=True) if found]
        lines = ["" if found else line for line, found in zip(lines, inner, strict=True)]
        opening, closing = RETURNS if "\n".join(lines).rstrip().endswith("(())") else PLAIN
        before.append(opening)
        lines.append(closing)
    return before, lines


def _unhidden(line: str) -> str:
    """A line as it is compiled: rustdoc's `# ` hides a line, `##` stands for a `#`."""
    text = line.lstrip()
    if text == "#" or text.startswith("# "):
        return text[2:]
    return line.replace("##", "#", 1) if text.startswith("##") else line


def edition(example: Example) -> str:
    named = [name[7:] for name in example.options if name.startswith("edition")]
    return (named or [EDITION])[0]


def batches(examples: Sequence[Example], workers: int) -> list[list[Example]]:
    """Examples in groups that are compiled as one; most often of one."""
    together: dict[tuple[str, bool, str], list[Example]] = {}
    alone = []
    for example in examples:
        if _is_apart(example):
            alone.append([example])
        else:
            setting = example.setting
            key = (edition(example), setting.online, repr(sorted(setting.crates.items())))
            together.setdefault(key, []).append(example)
    found = []
    for some in together.values():
        size = min(MOST, -(-len(some) // workers))
        found += [some[at : at + size] for at in range(0, len(some), size)]
    return found + alone


def _is_apart(example: Example) -> bool:
    code = example.fence.code
    names = [name.replace("-", "_") for name in example.setting.crates]
    return (
        bool(APART_OPTIONS & set(example.options))
        or APART.search(code) is not None
        or any(re.search(rf"\b{name}\b", code) for name in names)
    )


def merged(examples: Sequence[Example]) -> tuple[str, list[int]]:
    """One program that runs the example of its first argument; the line where each begins."""
    lines = ["#![allow(warnings)]"]
    starts = []
    for index, example in enumerate(examples):
        starts.append(len(lines) + 1)
        before, code = _parts(example)
        opening = " ".join(part for part in before if not part.startswith("#!["))
        lines += [f"mod example_{index} {{", opening, *code]
        lines.append("pub fn run() -> std::process::ExitCode {")
        lines.append("std::process::Termination::report(main()) } }")
    arms = " ".join(f'Some("{n}") => example_{n}::run(),' for n in range(len(examples)))
    lines.append(
        "fn main() -> std::process::ExitCode { match std::env::args().nth(1).as_deref() "
        f"{{ {arms} _ => std::process::ExitCode::FAILURE }} }}"
    )
    return "\n".join(lines) + "\n", starts


def at(starts: Sequence[int], line: int) -> int:
    """Which of the examples of a merged program has a line."""
    return bisect_right(starts, line) - 1
