"""What becomes of an example: each verdict by a real interpreter."""

import os
import select
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from press import config, prove, source
from press.languages import languages
from press.model import Proof, Verdict, Workshop
from press.problems import Code, Problem, SourceText
from press.source import ContentFile
from tests.conftest import REPOSITORY, SERIES, Publication

SETTINGS, _ = config.parse(SourceText("series.toml", SERIES))
# The body begins in line 7, and so the code of an example in its first line in line 8.
FRONT = "---\ntitle: T\ndate: 2026-01-01\ndescription: D\n---\n\n"


def proofs(body: str) -> list[Proof]:
    file = ContentFile("content/000-a.md", (FRONT + body).encode(), {})
    article, problems = source.parse(file, SETTINGS, languages())
    assert article
    assert not problems
    with tempfile.TemporaryDirectory() as cache:
        return prove.prove(article.examples, Workshop(Path(cache)))


def run(code: str, options: str = "") -> Proof:
    [proof] = proofs(f"```python {options}\n{code}\n```\n")
    return proof


def output(code: str) -> str:
    proof = run(code)
    assert proof.verdict is Verdict.PROVEN, proof
    return proof.output


def problem(body: str) -> Problem:
    [found] = prove.problems(proofs(body))
    return found


def test_it_runs() -> None:
    assert output("print('a')\nprint('ü😀')") == "a\nü😀\n"


def test_an_empty_example_runs() -> None:
    assert output("") == ""


def test_what_it_writes_to_standard_error_is_not_its_output() -> None:
    assert output("import sys\nprint('a', file=sys.stderr)") == ""


def test_each_runs_for_itself_and_in_order() -> None:
    body = "".join(f"```python\nx = globals().get('x', 0) + {n}\nprint(x)\n```\n" for n in range(9))
    assert [proof.output for proof in proofs(body)] == [f"{n}\n" for n in range(9)]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise SystemExit(2)", "exit status 2"),
        ("raise SystemExit('why')", "exit status 1: why"),
        ("import os\nos._exit(3)", "exit status 3"),
        ("1 / 0", "exit status 1: ZeroDivisionError: division by zero"),
        ("assert False, 'no'", "exit status 1: AssertionError: no"),
        ("import os\nos.kill(os.getpid(), 9)", "it was ended by SIGKILL"),
        ("import os\nos.abort()", "it was ended by SIGABRT"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGRTMIN + 1)", "it was ended by signal"),
        ("print('x' * 10_000_001)", "more than 10,000,000 bytes"),
    ],
)
def test_it_fails_by(code: str, reason: str) -> None:
    proof = run(code)
    assert proof.verdict is Verdict.FAILED
    assert reason in proof.reason


def test_it_fails_if_it_does_not_end() -> None:
    proof = run("while True:\n    pass", "timeout=0.3")
    assert proof.verdict is Verdict.FAILED
    assert proof.reason == "it was still running after 0.3 seconds"


def test_it_has_no_input() -> None:
    assert "EOFError" in run("input()").reason


@pytest.mark.parametrize("value", ["soon", "0", "-1", "nan", "inf", "1e999", '""'])
def test_it_fails_with_a_time_limit_that_is_none(value: str) -> None:
    found = problem(f"```python timeout={value}\nwhile True: pass\n```\n")
    assert "timeout must be a number of seconds" in found.message
    assert (found.line, found.column) == (7, 1)


def test_it_is_skipped_with_a_reason() -> None:
    proof = run("1 / 0", 'skip="needs a printer"')
    assert (proof.verdict, proof.reason) == (Verdict.SKIPPED, "needs a printer")


@pytest.mark.parametrize("option", ["skip", 'skip=""', 'skip=" "'])
def test_a_skip_needs_a_reason(option: str) -> None:
    proof = run("", option)
    assert proof.verdict is Verdict.FAILED
    assert "needs a reason" in proof.reason


PLACES = [
    ("```python\nx = 1\nraise ValueError\n```\n", 9, 1),
    ("```python\nif True:\n    raise ValueError\n```\n", 9, 5),
    ("- a\n\n  ```python\n  if True:\n      raise ValueError\n  ```\n", 11, 7),
    ("> ```python\n> x = 1\n> raise ValueError\n> ```\n", 9, 3),
    ("```python\n\n\ndef f():\n    g()\n\n\nf()\n```\n", 11, 5),
    ("```python\nimport json\njson.loads('{')\n```\n", 9, 1),
    ("```python\nx = 1\nif x\n    y\n```\n", 9, 1),
    ("```python\nprint((\n```\n", 8, 1),
    ("```python\nif True:\n```\n", 8, 1),
    ("```python\ntry:\n    1 / 0\nfinally:\n    raise KeyError\n```\n", 11, 5),
    ("a\n\n```python\nraise SystemExit(2)\n```\n", 9, 1),
    ("- ```python\n  raise SystemExit(2)\n  ```\n", 7, 3),
    ('```python\nexec(compile("\\n" * 999 + "1/0", __file__, "exec"))\n```\n', 8, 1),
    ("```python\nraise ValueError('File \"content/000-a.md\", line 7777777')\n```\n", 8, 1),
]


@pytest.mark.parametrize(("body", "line", "column"), PLACES)
def test_it_tells_the_articles_own_line(body: str, line: int, column: int) -> None:
    found = problem(body)
    assert (found.path, found.line, found.column) == ("content/000-a.md", line, column)
    assert found.code is Code.EXAMPLE_FAILED
    assert found.excerpt == (FRONT + body).split("\n")[line - 1]


def test_the_traceback_is_that_of_the_article() -> None:
    found = problem("```python\ndef f():\n    1 / 0\nf()\n```\n")
    assert 'File "content/000-a.md", line 10, in <module>\n    f()' in found.message
    assert 'File "content/000-a.md", line 9, in f\n    1 / 0' in found.message
    assert "main.py" not in found.message


def test_the_errors_shown_have_an_end() -> None:
    lines = problem("```python\nimport sys\nsys.exit('a\\n' * 9999)\n```\n").message.splitlines()
    assert len(lines) < 200


def shown(code: str, text: str) -> str:
    return f"```python\n{code}\n```\n\n```output\n{text}\n```\n"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("print('a')", "a"),
        ("print('a  ')", "a"),
        ("print('a\\n\\n')", "a"),
        ("print('a', end='')", "a  "),
        ("print('a\\r\\nb')", "a\nb"),
        ("pass", ""),
        ("print('  a')", "  a"),
        ("import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(1)'])", "1"),
        ("import os\nos.system('echo a')\nprint('b')", "a\nb"),
    ],
)
def test_an_output_agrees(code: str, text: str) -> None:
    [proof] = proofs(shown(code, text))
    assert proof.verdict is Verdict.PROVEN, proof


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("print('a')", "b"),
        ("print('a')", ""),
        ("pass", "a"),
        ("print('a')", " a"),
        ("print('a\\nb')", "a"),
        ("print('\\na')", "a"),
        ("print('a\\n\\nb')", "a\nb"),
    ],
)
def test_an_output_differs(code: str, text: str) -> None:
    found = problem(shown(code, text))
    assert found.code is Code.EXAMPLE_OUTPUT_DIFFERS
    assert found.line == 10 + code.count("\n") + 1
    assert found.message.startswith("the output is not what is shown here\n--- shown\n+++ observed")


def test_a_difference_is_shown_line_by_line() -> None:
    found = problem(shown("print('a\\nb\\nc')", "a\nx\nc"))
    assert found.message.splitlines()[3:] == ["@@ -1,3 +1,3 @@", " a", "-x", "+b", " c"]


def test_a_difference_has_an_end() -> None:
    found = problem(shown("print('a\\n' * 9999)", "b"))
    assert len(found.message.splitlines()) < 200


def test_an_example_that_fails_is_told_once_whatever_its_output() -> None:
    assert problem(shown("print('a')\n1 / 0", "b")).code is Code.EXAMPLE_FAILED


def test_output_that_is_no_utf8_is_read_as_well_as_can_be() -> None:
    assert (
        output("import sys\nsys.stdout.buffer.write(b'a\\xffb')") == "a\N{REPLACEMENT CHARACTER}b"
    )


def test_it_knows_none_of_the_authors_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "secret")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    names = output("import os\nprint(*sorted(os.environ))").split()
    allowed = {"HOME", "LC_ALL", "LC_CTYPE", "PATH", "PYTHONHASHSEED", "PYTHONUTF8", "TMPDIR", "TZ"}
    assert set(names) <= allowed


def test_it_has_a_home_and_a_folder_of_its_own(tmp_path: Path) -> None:
    kept = tmp_path / "found.txt"
    code = (
        "import os, pathlib\n"
        f"pathlib.Path({str(kept)!r}).write_text(os.getcwd())\n"
        "print(os.listdir())\n"
        "print(pathlib.Path.home() == pathlib.Path.cwd() == pathlib.Path(__file__).parent)\n"
        "pathlib.Path('left').mkdir()\n"
        "pathlib.Path('left/behind.txt').write_text('x')\n"
    )
    assert output(code) == "['main.py']\nTrue\n"
    folder = Path(kept.read_text())
    assert not folder.exists()
    assert folder != Path.home()


def test_it_may_use_processes() -> None:
    code = (
        "import multiprocessing\n\n\ndef twice(n):\n    return n * 2\n\n\n"
        "if __name__ == '__main__':\n"
        "    context = multiprocessing.get_context('spawn')\n"
        "    with context.Pool(1) as pool:\n"
        "        print(pool.map(twice, [1, 2]))\n"
    )
    assert output(code) == "[2, 4]\n"


def test_it_leaves_no_process_behind(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        child = (
            f"import signal\nf = open({str(pipe)!r}, 'w')\nprint('up', flush=True)\nsignal.pause()"
        )
        code = (
            "import subprocess, sys\n"
            f"child = subprocess.Popen([sys.executable, '-c', {child!r}], stdout=subprocess.PIPE)\n"
            "print(child.stdout.readline())\n"
        )
        assert output(code) == "b'up\\n'\n"
        # The pipe ends when the last process that could write to it has ended.
        assert select.select([reading], [], [], 30)[0]
        assert os.read(reading, 1) == b""
    finally:
        os.close(reading)


def test_it_is_the_same_every_time() -> None:
    code = "import time\nprint(hash('a'), list({'a', 'b', 'c', 'd'}), time.tzname)"
    assert output(code) == output(code)


def test_it_runs_in_the_interpreter_of_the_press() -> None:
    assert output("import sys\nprint(sys.version)").strip() == sys.version


def test_an_example_that_never_ends_ends_even_if_the_press_is_killed(
    publication: Publication, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    body = f"f = open({str(pipe)!r}, 'w')\nf.write('up')\nf.flush()\nwhile True:\n    pass\n"
    publication.article("000-a", f"```python timeout=1\n{body}```\n")
    press = subprocess.Popen([sys.executable, REPOSITORY / "build.py"], cwd=publication.root)
    with pipe.open("rb", buffering=0) as reading:
        assert reading.read(2) == b"up"
        press.kill()
        press.wait()
        # The pipe ends when the example has ended.
        assert select.select([reading], [], [], 60)[0]
        assert reading.read(1) == b""


def test_it_can_not_fill_the_disk() -> None:
    proof = run("with open('big', 'wb') as file:\n    file.truncate(10**12)")
    assert proof.verdict is Verdict.FAILED
    assert "File too large" in proof.detail
