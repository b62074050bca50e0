"""What becomes of an example: each verdict by a real interpreter."""

import sys
import tempfile
from pathlib import Path

import pytest

from press import config, prove, source
from press.languages import languages
from press.model import Proof, Verdict, Workshop
from press.problems import Code, Problem, SourceText
from press.source import ContentFile
from tests.conftest import SERIES, Publication

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
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("assert False, 'no'", "AssertionError: no"),
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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *(
            (f"timeout={value}", "timeout must be")
            for value in ("soon", "0", "-1", "nan", "1e999", "inf", "1e9", "86401")
        ),
        *((option, "a skip needs a reason") for option in ("skip", 'skip=""', 'skip=" "')),
        ("exit=256", "exit must be"),
        ("exit=-1", "exit must be"),
        ("raises", "raises must name an exception"),
        ('raises="not a name"', "raises must name an exception"),
        ("group", "a group needs a name"),
        ("raises=ValueError exit=1", "can't both raise and exit"),
        ("continue", "there is no example before it"),
        ('file="../up.py"', "can't be the name of a file here"),
        ("file=/etc/passwd", "can't be the name of a file here"),
        ("file=main.py/x", "a file and a folder: `main.py` is what an example runs as"),
        ("file=main2.py/x/y", "a file and a folder: `main2.py` is what an example runs as"),
        ("file=data", "a file and a folder: `data/points.csv` lies beside it"),
        ("file=notes.txt/a", "a file and a folder: `notes.txt` lies beside it"),
    ],
)
def test_an_option_with_a_wrong_value_is_a_problem(options: str, message: str) -> None:
    beside = {"data/points.csv": b"", "notes.txt": b""}
    text = f"{FRONT}```python {options}\n1\n```\n"
    file = ContentFile("content/000-a/index.md", text.encode(), beside)
    _, [found] = source.parse(file, SETTINGS, languages())
    assert message in found.message
    assert (found.line, found.column, found.code) == (7, 1, Code.BAD_FENCE)


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ("raises=ValueError", "a session can't have `raises`", "show the traceback under its"),
        ("compile-only", "a session can't have `compile-only`", "take the prompts out"),
    ],
)
def test_a_session_takes_no_option_of_code(options: str, message: str, hint: str) -> None:
    text = f"{FRONT}```python {options}\n>>> raise ValueError\n```\n"
    file = ContentFile("content/000-a.md", text.encode(), {})
    _, [found] = source.parse(file, SETTINGS, languages())
    assert (found.message, found.line, found.code) == (message, 7, Code.BAD_FENCE)
    assert hint in found.hint


WRONG = [
    "```pycon\nx = 1\n```\n",
    "```python timeout=0\n```\n",
    "```python timeout=1e9\n```\n",
    "```python skip\n```\n",
    "```python continue\n```\n",
    "```python compile-only\n>>> 1\n```\n",
    "```rust timeout=0\n```\n",
]


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("kept", [False, True])
def test_what_its_fence_asks_for_wrongly_is_never_proven(
    publication: Publication, text: str, *, kept: bool
) -> None:
    publication.article("000-a", text)
    publication.article("001-b", "```python\n```\n")
    if kept:
        assert publication.run("check").returncode == 1
    run = publication.run("check")
    assert run.returncode == 1
    assert run.stdout == "2 articles; 2 examples: 1 proven, 1 failed\n"
    assert run.stderr.count("bad-fence") == 1
    assert run.stderr.endswith("\n1 problem; nothing was changed\n")


def test_what_goes_on_from_a_wrong_fence_is_judged_by_itself() -> None:
    text = f"{FRONT}```python timeout=0\nx = 1\n```\n```python continue\nprint(x)\n```\n"
    article, _ = source.parse(
        ContentFile("content/000-a.md", text.encode(), {}), SETTINGS, languages()
    )
    assert article
    with tempfile.TemporaryDirectory() as cache:
        first, second = prove.prove(article.examples, Workshop(Path(cache)))
    assert (first.verdict, second.verdict) == (Verdict.FAILED, Verdict.PROVEN)
    assert "timeout must be" in first.reason


@pytest.mark.parametrize(
    ("first", "second"),
    [("pkg/__init__.py", "pkg"), ("pkg", "pkg/__init__.py"), ("a/b", "a/b/c"), ("a/b/c", "a")],
)
def test_a_name_of_a_file_and_of_a_folder_is_a_problem(first: str, second: str) -> None:
    body = f'```text file="{first}"\n```\n```text file="{second}"\n```\n'
    file = ContentFile("content/000-a.md", (FRONT + body).encode(), {})
    _, [found] = source.parse(file, SETTINGS, languages())
    assert (found.line, found.code) == (9, Code.BAD_FENCE)
    assert found.message.endswith(f"a file and a folder: line 7 has `{first}`")


@pytest.mark.parametrize("names", [("a", "a"), ("a", "ab/c"), ("a.b", "a"), ("main.py", "main")])
def test_names_that_only_resemble_each_other_are_none(names: tuple[str, str]) -> None:
    body = "".join(f'```text file="{name}"\n```\n' for name in names)
    assert proofs(body + "```python\nprint(1)\n```\n")[-1].output == "1\n"


def test_files_beside_it_that_can_not_be_made_are_its_failure(tmp_path: Path) -> None:
    text = f"{FRONT}```python\nprint(1)\n```\n"
    file = ContentFile("content/000-a/index.md", text.encode(), {"main.py/x": b""})
    article, _ = source.parse(file, SETTINGS, languages())
    assert article
    [found] = prove.prove(article.examples, Workshop(tmp_path))
    assert found.reason == "its file `main.py` can't be written: Is a directory"


def test_it_is_skipped_with_a_reason() -> None:
    proof = run("1 / 0", 'skip="needs a printer"')
    assert (proof.verdict, proof.reason, proof.passes) == (
        Verdict.SKIPPED, "needs a printer", False
    )  # fmt: skip


def test_a_skip_that_would_pass_now_is_told() -> None:
    assert run("print(1)", 'skip="later"').passes
    for text, passes in (("1", True), ("2", False), ("[..]", True)):
        [proof] = proofs(shown("print(1)", text).replace("python", "python skip=later"))
        assert (proof.verdict, proof.passes) == (Verdict.SKIPPED, passes)


@pytest.mark.parametrize(
    ("body", "outputs"),
    [
        ("```python\nx = 1\nprint(x)\n```\n```python continue\nprint(x + 1)\n```\n", "1\n|2\n"),
        ("```python\nx = 1\n```\n```pycon continue\n>>> x\n1\n```\n", "|1\n"),
        ("```python group=a\nx = 1\n```\n```python\nprint('b')\n```\n```python group=a\nprint(x)\n```\n", "|b\n|1\n"),
        (
            '```python raises=KeyError\nx = 1\n{}["a"]\n```\n```python continue\nprint(x)\n```\n',
            "|1\n",
        ),
        (
            '```python raises=SystemExit\nx = 1\nraise SystemExit(4)\n```\n```python continue\nprint(x)\n```\n',
            "|1\n",
        ),
        ("```python exit=3\nx = 1\nraise SystemExit(3)\n```\n```python continue\nprint(x)\n```\n", "|1\n"),
        ('```python\nx = 1\n```\n```python skip="no"\n1 / 0\n```\n```python continue\nprint(x)\n```\n', '||1\n'),
    ],
)  # fmt: skip
def test_it_goes_on_from_others(body: str, outputs: str) -> None:
    found = proofs(body)
    assert [proof.output for proof in found] == outputs.split("|")
    assert not prove.problems(found)


def test_the_time_limit_told_is_that_of_the_example() -> None:
    body = (
        "```python timeout=9\nx = 1\n```\n```python continue timeout=0.3\nwhile x:\n    pass\n```\n"
    )
    first, second = proofs(body)
    assert first.verdict is Verdict.PROVEN
    assert second.reason == "it was still running after 0.3 seconds"
    assert first.seconds < 0.3 <= second.seconds


def test_what_goes_on_from_a_failure_is_blocked_by_it() -> None:
    body = "```python\n1 / 0\n```\n```python continue\nprint(x)\n```\n```python\nprint(1)\n```\n"
    first, second, third = proofs(body)
    assert first.reason == "ZeroDivisionError: division by zero"
    assert second.reason == "blocked by line 7: what it goes on from has failed"
    assert third.verdict is Verdict.PROVEN


def test_an_undefined_name_that_an_earlier_example_binds_is_explained() -> None:
    found = problem("```python\nx = 1\n```\n\n```python\nprint(x)\n```\n")
    assert found.hint == "`x` is bound by the example at line 7: add `continue` to go on from it"
    assert (found.line, found.column) == (12, 1)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ("raises=ZeroDivisionError", "1 / 0"),
        ('raises="ZeroDivisionError: division by zero"', "1 / 0"),
        ('raises="ZeroDivisionError: [..] zero"', "1 / 0"),
        ("raises=json.decoder.JSONDecodeError", "import json\njson.loads('{')"),
        ("raises=JSONDecodeError", "import json\njson.loads('{')"),
        ("raises=json.JSONDecodeError", "import json\njson.loads('{')"),
        ("raises=LookupError", "{}[1]"),
        ("raises=builtins.KeyError", "{}[1]"),
        ("raises=SyntaxError", "print(("),
        ("raises=SystemExit", "raise SystemExit(1)"),
        ("raises=BaseException", "raise SystemExit(1)"),
        ('raises="SystemExit: why"', "import sys\nsys.exit('why')"),
        ("raises=KeyboardInterrupt", "raise KeyboardInterrupt"),
        ("exit=3", "import atexit, os\natexit.register(os._exit, 3)"),
        ("exit=0", "pass"),
        ("exit=120", "import sys\nsys.stdout = open('/dev/full', 'w')\nprint('x')"),
        ("exit=2", "import sys\nsys.exit(2)"),
        ("exit=1", "import sys\nsys.exit('why')"),
        ("exit=2", "import os\nos._exit(2)"),
        ("compile-only", "1 / 0"),
        ("await", "import asyncio\nawait asyncio.sleep(0)"),
        ('stdin="a\\nb"', "assert input() + input() == 'ab'"),
    ],
)
def test_it_ends_as_its_options_say(options: str, code: str) -> None:
    proof = run(code, options)
    assert proof.verdict is Verdict.PROVEN, proof
    assert proof.how


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        ("raises=ValueError", "1 / 0", "it raised ZeroDivisionError: division by zero, not Value"),
        ("raises=other.KeyError", "{}[1]", "it raised KeyError: 1, not other.KeyError"),
        ("raises=so.JSONDecodeError", "import json\njson.loads('{')", "it raised json.decoder"),
        ("raises=IndexError", "{}[1]", "it raised KeyError: 1, not IndexError"),
        ("raises=ValueError", "pass", "it should raise ValueError, and did not"),
        ('raises="ZeroDivisionError: other"', "1 / 0", "not ZeroDivisionError: other"),
        ("raises=ValueError", "raise SystemExit(1)", "it raised SystemExit: 1, not ValueError"),
        (
            'raises="SystemExit: 2"',
            "raise SystemExit(1)",
            "raised SystemExit: 1, not SystemExit: 2",
        ),
        ("exit=2", "pass", "it ended with exit status 0, not 2"),
        ("exit=2", "import atexit, os\natexit.register(os._exit, 3)", "exit status 3, not 2"),
        (
            "exit=2",
            "import atexit, os\natexit.register(os._exit, 0)\nraise SystemExit(2)",
            "it ended with exit status 0, not 2",
        ),
        ("", "import atexit, os\natexit.register(os._exit, 3)", "it ended with exit status 3"),
        ("exit=2", "raise SystemExit(3)", "it ended with exit status 3, not 2"),
        ("compile-only", "print((", "SyntaxError: '(' was never closed"),
        ("", "await x", "SyntaxError: 'await' outside function"),
    ],
)
def test_it_fails_where_its_options_say_otherwise(options: str, code: str, reason: str) -> None:
    proof = run(code, options)
    assert proof.verdict is Verdict.FAILED
    assert reason in proof.reason


SESSION = ">>> x = 1\n>>> x\n1\n>>> for n in range(2):\n...     print(n)\n...\n0\n1\n"


@pytest.mark.parametrize("language", ["pycon", "python"])
@pytest.mark.parametrize(
    "code",
    [
        SESSION,
        ">>> 1 / 0\nTraceback (most recent call last):\n  ...\nZeroDivisionError: division by zero\n",
        ">>> print('a\\n\\nb')\na\n<BLANKLINE>\nb\n",
        ">>> import time; time.time()\n[..]\n",
        ">>> def f():\n...     return 2\n...\n>>> f()\n2\n",
        ">>> (\nSyntaxError: '(' was never closed\n",
        ">>> # a comment\n>>> 1\n1\n",
        ">>> 1\n1\n>>>\n>>> 2  # a comment\n2\n>>> # the last\n",
        ">>> # a comment\n... # and another\n...\n",
        ">>> # a comment\n... 1\n1\n",
        ">>> x = 5\n>>> x\n5\n>>> # nothing is shown for it\n>>> _\n5\n",
    ],
)  # fmt: skip
def test_a_session_is_verified(language: str, code: str) -> None:
    [proof] = proofs(f"```{language}\n{code}```\n")
    assert proof.verdict is Verdict.PROVEN, proof


@pytest.mark.parametrize("prompt", [">>>", ">>> # a comment"])
def test_what_is_shown_for_nothing_is_nothing(prompt: str) -> None:
    found = problem(f"```pycon\n>>> 1\n1\n{prompt}\n2\n```\n")
    assert found.line == 10
    assert "what it shows is not what is shown here" in found.message
    assert "-2" in found.message


def test_a_session_fails_at_its_statement() -> None:
    found = problem("```pycon\n>>> 1\n1\n>>> 2\n3\n```\n")
    assert found.line == 10
    assert "what it shows is not what is shown here" in found.message


def test_a_fence_is_a_file_to_those_after_it() -> None:
    body = (
        '```python file="shapes.py"\nSIDES = 4\n```\n'
        '```text file="data/a.txt"\nhello\n```\n'
        "```python\nimport shapes\nprint(shapes.SIDES, open('data/a.txt').read())\n```\n"
    )
    assert proofs(body)[-1].output == "4 hello\n\n"


@pytest.mark.parametrize(
    ("others", "module", "part"),
    [
        ("pathlib", "urllib", "parse"),
        ("asyncio", "concurrent", "futures"),
        ("dataclasses", "importlib", "machinery"),
        ("json", "xml", "etree"),
    ],
)
def test_it_finds_nothing_that_others_import(others: str, module: str, part: str) -> None:
    alone = f"```python\nimport {module}\nprint({module}.{part})\n```\n"
    *_, first, second = proofs(2 * f"```python\nimport {others}\n```\n" + 2 * alone)
    assert first.reason == f"AttributeError: module '{module}' has no attribute '{part}'"
    assert second.reason == first.reason


def test_it_finds_all_that_it_imports_whatever_others_do() -> None:
    code = "import asyncio, concurrent\nprint(concurrent.futures.Future.__name__)"
    body = 2 * "```python\nimport concurrent\n```\n" + 2 * f"```python\n{code}\n```\n"
    assert [proof.output for proof in proofs(body)] == ["", "", "Future\n", "Future\n"]


def test_it_has_a_folder_of_its_own() -> None:
    code = "import os, pathlib\nprint(os.listdir(), pathlib.Path.cwd().name)"
    assert output(code) == "['main.py'] example\n"


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


def test_a_line_of_a_difference_has_an_end() -> None:
    found = problem(shown("print('a' + 'x' * 100_000 + 'b')\nprint('c')", "a\nc"))
    lines = found.message.splitlines()[3:]
    assert [line[:3] for line in lines] == ["@@ ", "-a", "+ax", " c"]
    assert lines[2].endswith("xxx… (100,002 characters)")
    assert len(found.message) < 1000


@pytest.mark.parametrize(("length", "cut"), [(500, False), (501, True)])
def test_a_line_is_cut_only_if_it_is_long(length: int, cut: bool) -> None:
    found = problem(shown(f"print('x' * {length})", "a"))
    assert ("…" in found.message) is cut


def test_where_long_lines_differ_is_shown() -> None:
    found = problem(shown("print('x' * 2000 + 'b' + 'x' * 2000)", "x" * 4001))
    assert "xbx" in found.message
    assert len(found.message) < 2000
    found = problem(shown("print('x' * 2000 + 'b')", "x" * 2000))
    assert "xb (2,001 characters)" in found.message


def test_a_line_of_errors_has_an_end() -> None:
    found = problem("```python\nimport sys\nsys.exit('a' * 100_000)\n```\n")
    assert len(found.message) < 2000


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


def test_it_may_use_processes() -> None:
    code = (
        "import multiprocessing\n\n\ndef twice(n):\n    return n * 2\n\n\n"
        "if __name__ == '__main__':\n"
        "    context = multiprocessing.get_context('spawn')\n"
        "    with context.Pool(1) as pool:\n"
        "        print(pool.map(twice, [1, 2]))\n"
    )
    assert output(code) == "[2, 4]\n"


def test_it_is_the_same_every_time() -> None:
    code = "import time\nprint(hash('a'), list({'a', 'b', 'c', 'd'}), time.tzname)"
    assert output(code) == output(code)


def test_it_runs_in_the_interpreter_of_the_press() -> None:
    assert output("import sys\nprint(sys.version)").strip() == sys.version


def test_it_can_not_fill_the_disk() -> None:
    proof = run("with open('big', 'wb') as file:\n    file.truncate(10**12)")
    assert proof.verdict is Verdict.FAILED
    assert "File too large" in proof.detail


def test_a_long_chain_may_take_weeks() -> None:
    """More than a system waits for at once (select counts milliseconds in 31 bits)."""
    body = "".join(f"```python continue timeout=86400\nx{n} = {n}\n```\n" for n in range(1, 30))
    made = proofs("```python timeout=86400\nx0 = 0\n```\n" + body)
    assert {one.verdict for one in made} == {Verdict.PROVEN}
