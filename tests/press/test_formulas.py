"""Formulas become MathML on a page, and stay as their author wrote them in a feed."""

import re

import pytest

from press import formulas
from press.problems import Code
from tests.conftest import Publication

WRITTEN = r"$`\frac{1}{\sqrt{n}} < x_1`$"


def test_a_formula_within_a_text_is_mathml(publication: Publication) -> None:
    publication.article("000-a", f"Before {WRITTEN} after.\n")
    [formula] = re.findall(r"<p>Before (<math.*</math>) after.</p>", publication.page("a.html"))
    assert "<mfrac><mn>1</mn><msqrt><mi>n</mi></msqrt></mfrac>" in formula
    feed = publication.make().published[0].feed_html
    assert feed == r"<p>Before <code>\frac{1}{\sqrt{n}} &lt; x_1</code> after.</p>"


def test_a_fence_of_math_is_a_formula_of_its_own(publication: Publication) -> None:
    publication.article(
        "000-a", "```math\n\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}\n```\n"
    )
    page = publication.page("a.html")
    assert '<div class="formula" tabindex="0"><math' in page
    assert 'display="block"' in page
    assert " style=" not in page
    assert '<pre><code class="language-math">' in publication.make().published[0].feed_html


@pytest.mark.parametrize(
    "text",
    [
        "It is $5 and $6, or $5.50.",
        "`` $`x`$ ``",
        "`` `$`x`$` ``",
        "A shell: `$x` and `$y`.",
        r"\$`x`",
    ],
)
def test_what_is_no_formula_stays_a_text(publication: Publication, text: str) -> None:
    publication.article("000-a", f"{text}\n")
    assert "<math" not in publication.page("a.html")


def test_a_formula_in_a_title_is_in_the_contents_too(publication: Publication) -> None:
    publication.article(
        "000-a", "".join(f"## {n} is $`O(n)`$\n\n" for n in ("One", "Two", "Three"))
    )
    [first, *_] = publication.make().site.articles[0].headings
    assert first.html.startswith("One is <math")
    assert first.id == "one-is-on"


BAD = {
    r"\nope": 'unknown command "\\nope"',
    r"\frac{1": "expected closing token",
    r"a & b": "may only appear in a table-like environment",
    r"\textcolor{red}{x}": "the style `color:#FF0000`",
    r"\cancel{x}": "the style `menclose",
    r"\begin{align} a \end{align}": "the style `width:100%`",
    r"\eqref{a}": "refers to a numbered equation",
    r"\def\a{x}\a": "can't define commands",
    r"\iff" * 100: "too many expansions",
    "{" * 1500 + "}" * 1500: "longer than 2,000 characters",
    " ": "there is nothing in it",
}


@pytest.mark.parametrize("source", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("form", ["text $`{}`$ text\n", "```math\n{}\n```\n"])
def test_a_bad_formula_is_a_problem(publication: Publication, source: str, form: str) -> None:
    publication.article("000-a", f"Text.\n\n{form.replace('{}', source, 1)}")
    problem = publication.problem()
    assert problem.code is Code.BAD_FORMULA
    assert problem.line == (10 if "math" in form else 9)
    assert BAD[source] in problem.message


def test_it_tells_the_line_and_column_of_a_fault(publication: Publication) -> None:
    publication.article("000-a", "```math\na +\n  \\nope\n```\n\n$`1`$ and $`1 + \\oops`$\n")
    assert [(p.line, p.column) for p in publication.problems()] == [(9, 3), (12, 17)]


def test_a_fault_that_is_not_found_in_the_text_is_a_problem(publication: Publication) -> None:
    publication.article("000-a", "Text, and $`a\t\\nope`$ with a tab.\n")
    assert publication.problem().code is Code.BAD_FORMULA


def test_the_deepest_formula_that_is_taken_ends_no_process() -> None:
    half = formulas.LONGEST // 2
    assert formulas.shown("{" * half + "}" * half, block=True)
    assert formulas.shown(r"\sqrt" * (formulas.LONGEST // 5 - 1) + " x")


def test_a_formula_is_no_way_to_other_elements() -> None:
    made = formulas.mathml('\\text{<script>alert("1")</script>} "><img src=x>')
    assert "<script" not in made
    assert "<img" not in made
    assert made.count('"') % 2 == 0
