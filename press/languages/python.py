"""Python examples, and sessions with prompts: run as a fresh interpreter would, and judged.

Examples that go on from one another run in one process, one after the other; every other example
has a process of its own. Each is a file of its own in its working folder, `main.py` for the first.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from press import environments, running, sessions
from press.environments import Environment, NotHad
from press.examples import exit_status, given
from press.isolation import Sandbox
from press.judging import Judge
from press.model import Example, Language, Proof, Setting, Verdict, Workshop
from press.running import Runner, Step

SHARED = {
    "continue": "goes on from the example before it, sharing its names",
    "fresh": "does not, though its article says so of all",
    "group": "goes on from the last example of the group: group=parser",
    "await": "may have `await` at its top level",
    "skip": 'is not run, for the reason given: skip="needs a printer"',
    "timeout": "seconds that it may take: timeout=30",
    "stdin": 'is given this as standard input: stdin="yes"',
}

LANGUAGE = Language(
    "python",
    frozenset({"py", "python3", "py3"}),
    {
        **SHARED,
        "raises": 'has to end with this exception: raises="ValueError: a message"',
        "exit": "has to end with this exit status: exit=2",
        "compile-only": "is compiled, not run",
    },
    shares="python",
)

IMPORTED = re.compile(r"^[ \t]*(?:import|from)[ \t]+(\w+)", re.MULTILINE)

# What may be loaded for examples beforehand: none of these does anything but define.
PLAIN = frozenset(
    """
    abc argparse array ast asyncio base64 bisect calendar collections concurrent contextlib
    contextvars copy csv ctypes dataclasses datetime decimal difflib enum fractions functools
    hashlib heapq html importlib inspect io ipaddress itertools json logging math multiprocessing
    numbers operator pathlib pickle pprint queue random re secrets select selectors shlex shutil
    signal socket sqlite3 statistics string struct subprocess tempfile textwrap threading time
    timeit tomllib traceback types typing unittest urllib uuid warnings weakref xml zlib zoneinfo
    """.split()  # noqa: SIM905  # as a text it can be read
)


def version(setting: Setting, workshop: Workshop) -> str:
    """The interpreter in its first line, then what else the output of examples may depend on."""
    try:
        found = environments.environment(setting, workshop)
    except NotHad:
        return ""
    return "\n".join([f"Python {found.version}", found.build, sys.platform, *found.lock])


class _Chain(Struct, frozen=True):
    """Examples that run in one process."""

    examples: tuple[Example, ...]
    probe: bool = False
    """Whether the last is one that is skipped, run to see whether it would pass."""


def prove(
    examples: Sequence[Example], workshop: Workshop, workers: int | None = None
) -> Iterator[Proof]:
    """A Proof of each example, in the order in which they come to an end."""
    preload = _preload(examples)

    def one(chain: _Chain, runner: Runner) -> Callable[[], list[Proof]]:
        try:
            environment = environments.environment(chain.examples[0].setting, workshop)
        except NotHad as error:
            missing = Proof(chain.examples[0], Verdict.NOT_PROVEN, reason=str(error), status=None)
            return lambda: [replace(missing, example=example) for example in chain.examples]
        return _run(chain, runner, _sandbox(chain, environment, workshop, preload), environment)

    asked = {example.where for example in examples}
    for chain, judged in running.each(_chains(examples), one, workers):
        proofs = judged()  # while the next one runs
        if chain.probe:
            yield _skipped(proofs[-1])
        else:
            yield from (proof for proof in proofs if proof.example.where in asked)


def _chains(examples: Sequence[Example]) -> list[_Chain]:
    """What has to run for these examples, each as long as it gets."""
    longest: dict[str, tuple[Example, ...]] = {}
    probes = []
    for example in examples:
        whole = (*example.before, example)
        if "skip" in example.options:
            probes.append(_Chain(whole, probe=True))
        elif len(whole) > len(longest.get(whole[0].where, ())):
            longest[whole[0].where] = whole
    return [*(_Chain(whole) for whole in longest.values()), *probes]


REVEALING = re.compile(
    r"\bmodules\b|__import__|loggerDict|warnings\.filters|meta_path|__subclasses__|addaudithook"
)
"""What may tell which modules were loaded beforehand, though nothing else sees them."""


def _preload(examples: Sequence[Example]) -> tuple[str, ...]:
    """The modules that more than one example imports, if loading them does nothing else."""
    named = Counter(
        name for example in examples for name in {*IMPORTED.findall(example.fence.code)} & PLAIN
    )
    return tuple(sorted(name for name, count in named.items() if count > 1))


def _sandbox(
    chain: _Chain, environment: Environment, workshop: Workshop, preload: tuple[str, ...]
) -> Sandbox:
    return Sandbox(
        environment.interpreter,
        environment.sites,
        environment.sites,
        (str(workshop.root),) if workshop.root else (),
        chain.examples[0].setting.online,
        () if any(REVEALING.search(one.fence.code) for one in chain.examples) else preload,
    )


def _run(
    chain: _Chain, runner: Runner, sandbox: Sandbox, environment: Environment
) -> Callable[[], list[Proof]]:
    """Run a chain; what judges it."""
    steps = [_step(example, index) for index, example in enumerate(chain.examples)]
    ended = runner.steps(sandbox, steps, chain.examples[0].setting.files)
    return Judge(chain.examples, steps, ended, environment.version).proofs


def _step(example: Example, index: int) -> Step:
    options = example.options
    name = options.get("file", "")
    if not name.endswith(".py"):
        name = "main.py" if index == 0 else f"main{index + 1}.py"
    code = example.fence.code
    session = None
    if example.fence.language == "pycon" or sessions.is_session(code):
        session = [(one.source, one.line) for one in sessions.statements(code)]
    return Step(
        name,
        code,
        running.limit_of(example),
        session,
        "await" in options,
        "compile-only" in options,
        "raises" in options,
        exit_status(options) or 0,
        {one.name: one.content.encode() for one in example.new},
        given(options) or "",
    )


def _skipped(proof: Proof) -> Proof:
    """What to say of an example that its author leaves out, which was tried even so."""
    reason = proof.example.options["skip"]
    passes = proof.verdict is Verdict.PROVEN
    return Proof(
        proof.example, Verdict.SKIPPED, proof.output, reason, status=None, passes=passes,
        level=proof.level,
    )  # fmt: skip
