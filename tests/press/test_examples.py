"""The fence parser: what is an example, what is not, and what is wrong."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from press import examples, fences
from press.fences import Scanner
from press.languages import languages
from press.model import Fence
from press.problems import Code, Problem, SourceText


class Thorough(Scanner):
    """Takes each line for one that may mean anything."""

    def _read_plain(self, line: str) -> bool:  # noqa: ARG002
        return False


def find(text: str) -> tuple[list[Fence], list[Problem]]:
    source = SourceText("content/000-a.md", text)
    body, problems = examples.find(source, 1, languages())
    _, more = examples.examples(source, body.fences, languages())
    return list(body.fences), problems + more


def found(text: str) -> list[tuple[str, str]]:
    """Language and code of each fence of a text that has no problems."""
    fences, problems = find(text)
    assert not problems
    return [(fence.language, fence.code) for fence in fences]


INFO_STRINGS = [
    "python", "py", "python3", "Python", "PYTHON", " python", "python ", "{.python}", "{python}",
    "{ .python }", "{.python title=x}", '{.python title="a b"}', 'python title="a b"',
    "python title='a b'", "python,title=x", 'python, title="x"', "python {title=x}", "py\ttitle=x",
    "python timeout=30", 'python skip="needs a printer"',
]  # fmt: skip


@pytest.mark.parametrize("info", INFO_STRINGS)
def test_it_reads_the_forms_of_info_strings_that_people_use(info: str) -> None:
    assert found(f"```{info}\nx = 1\n```\n") == [("python", "x = 1\n")]


def test_it_reads_quoted_options() -> None:
    fences, _ = find("```python title=\"a 'b' = {c}\" timeout=3\n```\n")
    assert fences[0].options == {"title": "a 'b' = {c}", "timeout": "3"}


def test_it_reads_rustdocs_words() -> None:
    fences, problems = find("```rust,compile_fail,E0382 edition2021\n```\n")
    assert not problems
    assert list(fences[0].options) == ["compile_fail", "E0382", "edition2021"]


SHAPES = {
    "backticks": ("```python\nx\n```\n", ["x\n"]),
    "tildes": ("~~~python\nx\n~~~\n", ["x\n"]),
    "a closing fence that is longer": ("```python\nx\n`````\n", ["x\n"]),
    "a closing fence with space after": ("```python\nx\n```  \n", ["x\n"]),
    "an empty fence": ("```python\n```\n", [""]),
    "blank lines and indentation": ("```python\n\n  x\n\n```\n", ["\n  x\n\n"]),
    "a tab in the code": ("```python\n\tx\n```\n", ["\tx\n"]),
    "no line break at the end": ("```python\nx\n```", ["x\n"]),
    "an indented fence": ("  ```python\n  x\n    y\n z\n  ```\n", ["x\n  y\nz\n"]),
    "right after a paragraph": ("text\n```python\nx\n```\n", ["x\n"]),
    "right after a heading": ("# h\n```python\nx\n```\n", ["x\n"]),
    "after a table": ("| a |\n|---|\n| b |\n\n```python\nx\n```\n", ["x\n"]),
    "a list item": ("- a\n\n  ```python\n  x\n  ```\n", ["x\n"]),
    "a list item, indented by four": ("- a\n\n    ```python\n    x\n    ```\n", ["x\n"]),
    "a numbered item": ("1. a\n   ```python\n   x\n   ```\n", ["x\n"]),
    "a high number, indented by four": ("100. a\n\n    ```python\n    x\n    ```\n", ["x\n"]),
    "a nested list": ("- a\n    - b\n\n        ```python\n        x\n        ```\n", ["x\n"]),
    "on the item's own line": ("- ```python\n  x\n  ```\n", ["x\n"]),
    "a quote": ("> ```python\n> x\n>\n>   y\n> ```\n", ["x\n\n  y\n"]),
    "a quote without spaces": (">```python\n>x\n>```\n", ["x\n"]),
    "a quote in a list": ("- > ```python\n  > x\n  > ```\n", ["x\n"]),
    "a list in a quote": ("> - a\n>\n>   ```python\n>   x\n>   ```\n", ["x\n"]),
    "an admonition": ("!!! note\n    a\n\n    ```python\n    x\n    ```\n", ["x\n"]),
    "a titled admonition": ('!!! tip "T"\n\n    ```python\n    x\n    ```\n', ["x\n"]),
    "a footnote": ("[^1]: a\n\n    ```python\n    x\n    ```\n", ["x\n"]),
    "a definition's own line": ("term\n:   ```python\n    x\n    ```\n", ["x\n"]),
    "a footnote's own line": ("[^1]: ```python\n    x\n    ```\n", ["x\n"]),
    "an item after an empty marker": ("-\n  ```python\n  x\n  ```\n", ["x\n"]),
    "after an empty comment": ("<!-->\n\n```python\nx\n```\n\n-->\n", ["x\n"]),
    "a definition": ("term\n:   a\n\n    ```python\n    x\n    ```\n", ["x\n"]),
    "after a lazy line of a list": ("- a\nlazy\n\n  ```python\n  x\n  ```\n", ["x\n"]),
    "after a comment": ("<!-- a -->\n```python\nx\n```\n", ["x\n"]),
    "after a comment of many lines": ("<!-- a\n\nb -->\n```python\nx\n```\n", ["x\n"]),
    "after a comment's marks in code": ("a `<!--` b\n\n```python\nx\n```\n", ["x\n"]),
    "after pre": ("<pre>a</pre>\n\n```python\nx\n```\n", ["x\n"]),
    "in details": ("<details>\n\n```python\nx\n```\n\n</details>\n", ["x\n"]),
    "backticks in the code": ("````python\ns = '''\n```\n'''\n````\n", ["s = '''\n```\n'''\n"]),
    "tildes hold backticks": ("~~~python\n```\n~~~\n", ["```\n"]),
    "short marks in the code": ("```python\n``\n```\n", ["``\n"]),
    "an indented closing line is code": ("```python\n    ```\n```\n", ["    ```\n"]),
    "a closing line with a word is code": ("```python\n``` x\n```\n", ["``` x\n"]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_it_finds_an_example_in(shape: str) -> None:
    text, codes = SHAPES[shape]
    assert found(text) == [("python", code) for code in codes]


NO_EXAMPLES = {
    "inline code": "a ```python b``` c\n",
    "backticks in the info": "``` python ` x\n",
    "two backticks": "``python\nx\n``\n",
    "indented code": "a\n\n    ```text\n    x\n    ```\n",
    "a comment over empty lines": "a <!-- b\n\n```python\nx\n```\n\n-->\n",
    "a comment in a lazy line": "- a\nlazy <!--\n```python\nx\n```\n-->\n",
    "a comment": "<!--\n```python\nx\n```\n-->\n",
    "a comment after words": "a <!-- b\n```python\nx\n```\n-->\n",
    "a second comment of a line": "<!-- a --> b <!--\n```python\nx\n```\n-->\n",
    "a comment that opens where another closes": "<!-- a\n--> <!--\n```python\nx\n```\n-->\n",
    "a comment in a list": "- <!--\n  ```python\n  x\n  ```\n  -->\n",
    "pre": "<pre>\n```python\nx\n```\n</pre>\n",
    "PRE with attributes": '<PRE class="a">\n```python\nx\n```\n</PRE>\n',
    "script": "<script>\n```python\nx\n```\n</script>\n",
}


@pytest.mark.parametrize("shape", NO_EXAMPLES)
def test_it_finds_no_example_in(shape: str) -> None:
    assert found(NO_EXAMPLES[shape]) == []


def test_it_finds_no_example_inside_another_fence() -> None:
    text = "````markdown\n```python\nx\n```\n````\n\n~~~text\n```python\nx\n```\n~~~\n"
    assert [language for language, _ in found(text)] == ["markdown", "text"]


def test_it_tells_lines_and_columns() -> None:
    fences, _ = find("a\n\n> - b\n>\n>   ```python\n>   x\n>   ```\n")
    assert [(f.line, f.column, f.end) for f in fences] == [(5, 5, 7)]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a\n\n```python\nx\n", Code.UNCLOSED_FENCE, 3, 1),
        ("- a\n\n  ```python\n  x\n\nb\n", Code.UNCLOSED_FENCE, 3, 3),
        ("> ```python\n> x\n\nb\n", Code.UNCLOSED_FENCE, 1, 3),
        ("```python\nx\n``\n~~~\n", Code.UNCLOSED_FENCE, 1, 1),
        ("a\n<!-- b\n```python\nx\n```\n", Code.UNCLOSED_HTML, 2, 1),
        ("<pre>\n```python\nx\n```\n", Code.UNCLOSED_HTML, 1, 1),
        ("```python no_such\n```\n", Code.UNKNOWN_OPTION, 1, 11),
        ("```python titel=x\n```\n", Code.UNKNOWN_OPTION, 1, 11),
        ("```rust,no_rum\n```\n", Code.UNKNOWN_OPTION, 1, 9),
        ("```console timeout=3\n```\n", Code.UNKNOWN_OPTION, 1, 12),
        ('```python title="x\n```\n', Code.UNKNOWN_OPTION, 1, 11),
        ("```python title=x title=y\n```\n", Code.UNKNOWN_OPTION, 1, 19),
        ("```pythonx\n```\n", Code.UNKNOWN_LANGUAGE, 1, 4),
        ("```pyhton\n```\n", Code.UNKNOWN_LANGUAGE, 1, 4),
        ("```python:main.py\n```\n", Code.UNKNOWN_LANGUAGE, 1, 4),
        ("a\n\n    ```python\n    x\n    ```\n", Code.BAD_FENCE, 3, 5),
        ("- a\n\n      ```py\n      x\n      ```\n", Code.BAD_FENCE, 3, 7),
        ("??? note\n    ```python\n    x\n    ```\n", Code.BAD_FENCE, 2, 5),
        ("a\n     ~~~ {.python}\n     x\n     ~~~\n", Code.BAD_FENCE, 2, 6),
        ("a ```python\nx\n\nb ```\n", Code.BAD_FENCE, 1, 3),
        ("<div>```rust\nx\n</div>\n", Code.BAD_FENCE, 1, 6),
        ("```python\nx\n```\u00a0\n", Code.UNCLOSED_FENCE, 1, 1),
        ("```output\nx\n```\n", Code.BAD_FENCE, 1, 1),
        ("```python\n```\n\ntext\n\n```output\n```\n", Code.BAD_FENCE, 6, 1),
        ("```text\n```\n\n```output\n```\n", Code.BAD_FENCE, 4, 1),
        ("```python\n```\n\n> ```output\n> ```\n", Code.BAD_FENCE, 4, 3),
        ("```python\n```\n```output\n```\n```output\n```\n", Code.BAD_FENCE, 5, 1),
    ],
)  # fmt: skip
def test_it_reports(text: str, code: Code, line: int, column: int) -> None:
    _, problems = find(text)
    assert [(p.code, p.line, p.column) for p in problems] == [(code, line, column)]


def test_it_hints_at_the_option_that_was_meant() -> None:
    _, [problem] = find("```rust,should_panik\n```\n")
    assert problem.hint == "did you mean `should_panic`?"


def test_it_goes_on_after_a_problem() -> None:
    fences, problems = find("```python no_such\n```\n\n```pyhton\n```\n\n```python\nx\n```\n")
    assert len(problems) == 2
    assert fences[-1].code == "x\n"


@pytest.mark.parametrize("between", ["", "\n", "\n\n"])
def test_an_output_belongs_to_the_example_right_before_it(between: str) -> None:
    text = f"```python\na\n```\n{between}```output\nb\n```\n"
    source = SourceText("a.md", text)
    body, _ = examples.find(source, 1, languages())
    [made], problems = examples.examples(source, body.fences, languages())
    assert not problems
    assert made.expected is not None
    assert made.expected.code == "b\n"


# A text made of lines that matter to the parser, to be compared with a CommonMark parser. Left out
# is what Python-Markdown adds: the containers that it alone knows, and its four columns for lists.
LINES = [
    "", "text", "```", "```python", "~~~", "~~~ python", "````", "````markdown", "# heading",
    "  ```", "   ~~~", "    ```", "    code", "- item", "> quote", "> ```", "> ```python", "> ~~~",
    ">", "  ```python", "  text", "1. item", "   ```", "`code`", "``", "``` a`b", "-", "  - item",
    "- - item", "* * *", "---", "> - item", "  > quote", ">     code", "\t```", "<!-- comment",
    "<!-- comment -->", "-->", "<pre>a</pre>", "2. item", "10) item", "- ```", "-     code",
]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_it_agrees_with_a_commonmark_parser(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    fences, problems = find(text)
    if any(p.code is Code.UNCLOSED_FENCE for p in problems):
        return  # CommonMark closes them in silence; that is what is reported
    tokens = [t for t in MarkdownIt("commonmark").parse(text) if t.type == "fence"]
    expected = [(t.map[0] + 1, t.map[1], t.content) for t in tokens if t.map]
    assert [(f.line, f.end, f.code) for f in fences] == expected


@given(st.text(alphabet='`~> -1.pyt\n\t<!a="{}:', max_size=200))
def test_it_survives_any_text(text: str) -> None:
    fences, problems = find(text)
    for line, column in [(f.line, f.column) for f in fences] + [
        (p.line, p.column) for p in problems
    ]:
        assert 1 <= line <= text.count("\n") + 1
        assert column >= 1


MORE = [
    "!!! note", "    text", "term", ": text", "[^1]: text", "a <!-- b", "a <!-- b -->",
    "a ```python", "a ~~~rust", "<script>", "</script>", "text  ", "\u00e9", "a\tb",
    "<details>", "```` python",
]  # fmt: skip


def scanned(text: str, scanner: type[Scanner]) -> tuple[object, ...]:
    made = scanner(SourceText("a.md", text), languages())
    for number, line in enumerate(text.split("\n"), 1):
        made.read(number, line)
    made.finish()
    return made.lines, made.fences, made.raw, made.problems


@given(
    st.one_of(
        st.lists(st.sampled_from([*LINES, *MORE]), max_size=14).map("\n".join),
        st.text(alphabet="`~> -1.py\n\t<!ab:", max_size=80),
    )
)
@example("    code\n\ntext\n\n\ntext")
@example("text\n2. item\n    text\n- item")
@example("  ```\n   code\n `\n  ```")
@example("<pre>\ntext\n</pre>\ntext ~~~python\n# text\ntext <!-- a\n-->")
def test_a_plain_line_is_read_as_by_looking_for_all_that_it_may_be(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fences, "bears", lambda _: True)
        expected = scanned(text, Thorough)
    assert scanned(text, Scanner) == expected
