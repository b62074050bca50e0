"""What front matter and series.toml say of an article's examples."""

import pytest

from press import config, source
from press.languages import languages
from press.model import Manuscript, Setting
from press.problems import Code, Problem, SourceText
from press.source import ContentFile
from tests.conftest import SERIES


def parsed(front: str, series: str = "") -> tuple[Manuscript | None, list[Problem]]:
    settings, problems = config.parse(SourceText("series.toml", SERIES + series))
    assert not problems
    text = f"---\ntitle: T\ndate: 2026-01-01\ndescription: D\n{front}\n---\n\n```python\n1\n```\n"
    return source.parse(ContentFile("content/000-a.md", text.encode(), {}), settings, languages())


def setting(front: str, series: str = "") -> Setting:
    article, problems = parsed(front, series)
    assert article
    assert not problems
    return article.examples[0].setting


OF_SERIES = """
[python]
requires-python = ">=3.11"
dependencies = ["a>=1"]

[rust]
dependencies = { b = "1", c = "1" }
"""


def test_an_article_adds_to_what_the_series_says() -> None:
    front = 'python: {dependencies: [d]}\nrust: {dependencies: {c: "2"}}'
    found = setting(front, OF_SERIES)
    assert (found.requires_python, found.packages) == (">=3.11", ("a>=1", "d"))
    assert found.crates == {"b": "1", "c": "2"}


def test_its_versions_of_python_take_the_place_of_theirs() -> None:
    assert setting('python: {requires-python: ">=3.12"}', OF_SERIES).requires_python == ">=3.12"


def test_options_hold_for_all_its_examples() -> None:
    front = (
        "network: true\npython: {continue: true, await: false, timeout: 0.5}\nrust: {timeout: 9}"
    )
    found = setting(front)
    assert found.online
    own = {"continue": "", "timeout": "0.5"}
    assert found.options == {"python": own, "pycon": own, "rust": {"timeout": "9"}}


@pytest.mark.parametrize(
    ("front", "message"),
    [
        ("python: {timeout: 0}", "must be a number of seconds above 0"),
        ("python: {timeout: true}", "must be a number of seconds above 0"),
        ("rust: {timeout: false}", "must be a number of seconds above 0"),
        ("rust: {timeout: .inf}", "must be a number of seconds above 0"),
        ("rust: {timeout: .nan}", "must be a number of seconds above 0"),
        ("python: {timeout: 1.0e9}", "and at most 86,400, which is a day"),
        ("python: {timeout: 86401}", "and at most 86,400, which is a day"),
        ("python: {timeout: soon}", "must be a number of seconds above 0"),
        ("python: {continue: 1}", "must be true or false"),
        ("python: {group: true}", "must be text"),
        ("python: {contniue: true}", "did you mean `continue`?"),
        ("python: []", "must be a table"),
        ('python: {requires-python: "new"}', "must be versions such as >=3.12"),
        ('python: {dependencies: ["a b"]}', "must be packages such as httpx>=0.28"),
        ("rust: {dependencies: {a: 1}}", "must give `a` a version or a table"),
        ("network: maybe", "must be true or false"),
    ],
)
def test_a_wrong_value_is_a_problem_at_its_key(front: str, message: str) -> None:
    _, [problem] = parsed(front)
    assert message in problem.message
    assert (problem.code, problem.line, problem.column) == (Code.WRONG_TYPE, 5, 1)
