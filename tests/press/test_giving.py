"""Each example of a chain has the files and the input that it would have at a reader's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from press.isolation import Level
from press.model import Proof, Verdict
from tests.press.torture import at, had, proofs


@pytest.fixture(params=had(), autouse=True)
def level(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Level]:
    with at(request.param, monkeypatch):
        yield request.param


def fence(info: str, code: str) -> str:
    return f"```{info}\n{code}\n```\n\n"


def python(code: str, options: str = "") -> str:
    return fence(f"python {options}", code)


def file(name: str, text: str) -> str:
    return fence(f'text file="{name}"', text)


def outputs(*fences: str, folder: Path) -> list[str]:
    found = proofs("".join(fences), folder)
    assert [proof.reason for proof in found] == [""] * len(found)
    return [proof.output for proof in found]


def failed(*fences: str, folder: Path) -> Proof:
    """The one of them that failed, and not for what another did."""
    [found] = [
        proof
        for proof in proofs("".join(fences), folder)
        if proof.verdict is Verdict.FAILED and "blocked" not in proof.reason
    ]
    return found


def test_a_file_is_not_there_before_its_fence(tmp_path: Path) -> None:
    show = python("print(open('later.txt').read())")
    found = failed(show, file("later.txt", "a"), python("", "continue"), folder=tmp_path)
    assert "FileNotFoundError" in found.reason
    listed = python("import os\nprint(sorted(os.listdir()))")
    assert outputs(
        listed, file("data/a.txt", "a"), python("print(sorted(os.listdir()))", "continue"),
        folder=tmp_path,
    ) == ["['main.py']\n", "['data', 'main.py', 'main2.py']\n"]  # fmt: skip


def test_a_file_is_as_its_last_fence_says(tmp_path: Path) -> None:
    show = "print(open('a.txt').read().strip())"
    assert outputs(
        file("a.txt", "one"), python(show), file("a.txt", "two"), python(show, "continue"),
        file("a.txt", "two"), python(show, "continue"), folder=tmp_path,
    ) == ["one\n", "two\n", "two\n"]  # fmt: skip


def test_what_an_example_did_to_a_file_stays_until_a_fence_makes_it_anew(tmp_path: Path) -> None:
    change = "open('a.txt', 'a').write('more')\nprint(open('a.txt').read())"
    assert outputs(
        file("a.txt", "one"), python(change), python(change, "continue"),
        file("a.txt", "one"), python("print(open('a.txt').read())", "continue"), folder=tmp_path,
    ) == ["one\nmore\n", "one\nmoremore\n", "one\n\n"]  # fmt: skip


def test_a_module_that_a_fence_makes_is_found(tmp_path: Path) -> None:
    look = "try:\n    import shapes\nexcept ImportError as error:\n    print(error)"
    assert outputs(
        python(look), fence('python file="shapes.py"', "SIDES = 3"),
        python("import shapes\nprint(shapes.SIDES)", "group=a"), folder=tmp_path,
    )[2] == "3\n"  # fmt: skip
    assert outputs(
        python(look), file("shapes.py", "SIDES = 3"),
        python("import shapes\nprint(shapes.SIDES)", "continue"), folder=tmp_path,
    ) == ["No module named 'shapes'\n", "3\n"]  # fmt: skip


@pytest.mark.parametrize(
    "trick",
    [
        "import os\nos.chdir('/')",
        "import os\nos.mkdir('data')\nos.chdir('data')",
        "import os\nopen('else.txt', 'w').write('kept')\nos.symlink('else.txt', 'a.txt')",
        "import os\nopen('a.txt', 'w').close()\nos.chmod('a.txt', 0)",
        "import builtins, os\nos.open = os.write = os.unlink = builtins.open = None",
        "import os\nos.umask(0o077)",
        "import sys\nsys.path_importer_cache.clear()",
    ],
)
def test_a_file_is_made_whatever_an_example_did(tmp_path: Path, trick: str) -> None:
    home = "import io, os\nhome = os.getcwd()\n"
    show = (
        "print(io.FileIO(home + '/a.txt').read())\n"
        "print(os.path.exists(home + '/else.txt') and io.FileIO(home + '/else.txt').read())"
    )
    chain = python(home + trick), file("a.txt", "new"), python(show, "continue")
    kept = b"kept" if "kept" in trick else False
    assert outputs(*chain, folder=tmp_path) == ["", f"{b'new%c' % 10!r}\n{kept!r}\n"]


@pytest.mark.parametrize(
    ("trick", "said"),
    [
        ("import os\nos.makedirs('data/a.txt')", r"data/a\.txt"),
        ("import os\nos.mkdir('else')\nos.symlink('else', 'data')", "Not a directory"),
        ("open('data', 'w').close()", "Not a directory"),
    ],
)
def test_a_file_that_can_not_be_made_is_the_failure_of_its_example(
    tmp_path: Path, trick: str, said: str
) -> None:
    made = file("data/a.txt", "new")
    for options in ("continue", "continue raises=OSError", "continue exit=121"):
        found = failed(python(trick), made, python("print(1)", options), folder=tmp_path)
        assert found.example.options.get("continue") is not None
        assert found.reason.startswith("its file `data/a.txt` can't be written: ")
        assert said.replace("\\", "") in found.reason


def test_each_has_its_own_input(tmp_path: Path) -> None:
    assert outputs(
        python("print(input())", 'stdin="Ada\\nleft"'),
        python("print(input())", 'continue stdin="Grace"'),
        python("import sys\nprint(repr(sys.stdin.read()))", "continue"),
        python("import os\nprint(os.read(0, 99))", 'continue stdin="Ada\\nleft"'),
        python("print(sys.stdin.buffer.read())", 'continue stdin="\u00fc"'),
        python("import subprocess\nsubprocess.run(['cat'])", 'continue stdin="for another"'),
        python("for line in sys.stdin:\n    print(line)\n    break", 'continue stdin="a\\nb\\nc"'),
        python("print([*sys.stdin])", 'continue stdin="d"'),
        fence('pycon continue stdin="e"', ">>> input()\n'e'"),
        folder=tmp_path,
    ) == [
        "Ada\n", "Grace\n", "''\n", "b'Ada\\nleft\\n'\n", "b'\\xc3\\xbc\\n'\n", "for another\n",
        "a\n\n", "['d\\n']\n", "'e'\n",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "trick",
    [
        "import sys\nsys.stdin.close()",
        "import os\nos.close(0)",
        "import os, sys\nsys.stdin.close()\nos.close(0)",
        "import sys\nbuffer = sys.stdin.detach()",
        "import os\nos.dup2 = os.lseek = os.memfd_create = None",
        "import sys\nsys.__stdin__ = None",
        "from sys import stdin\nstdin.readline()",
    ],
)
def test_each_has_its_own_input_whatever_another_did(tmp_path: Path, trick: str) -> None:
    reads = python("print(input())", 'continue stdin="Grace"')
    chain = python(trick, 'stdin="Ada\\nleft"'), reads
    assert outputs(*chain, folder=tmp_path) == ["", "Grace\n"]


def test_input_that_an_example_has_replaced_stays_so(tmp_path: Path) -> None:
    replaced = python("import io, sys\nsys.stdin = io.StringIO('mine')")
    reads = python("print(input(), sys.__stdin__.read())", 'continue stdin="Grace"')
    assert outputs(replaced, reads, folder=tmp_path) == ["", "mine Grace\n\n"]
