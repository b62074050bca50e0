"""What our engine makes is what the stock engine of Python-Markdown makes, whatever the text."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Comment, Element

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown import Markdown
from markdown.blockprocessors import BlockProcessor, BlockQuoteProcessor, ReferenceProcessor
from markdown.extensions import Extension
from markdown.extensions.abbr import AbbrBlockprocessor
from markdown.extensions.admonition import AdmonitionProcessor
from markdown.extensions.footnotes import FootnoteBlockProcessor
from markdown.extensions.md_in_html import MarkdownInHtmlProcessor
from markdown.inlinepatterns import (
    BACKTICK_RE,
    BacktickInlineProcessor,
    Pattern,
    SimpleTextInlineProcessor,
)
from markdown.serializers import to_html_string
from markdown.treeprocessors import InlineProcessor
from markdown.util import HTML_PLACEHOLDER_RE

from press import config, markup, source
from press.dialect import Dialect
from press.engine import Engine
from press.engine.conditions import BLOCKS, FINDINGS
from press.engine.patterns import CodeSpans
from press.engine.plans import FLAGS
from press.engine.serializer import to_html
from press.languages import languages
from press.problems import SourceText
from press.source import ContentFile
from press.words import ENGLISH
from tests.conftest import REPOSITORY, SERIES
from tests.press import stock

SETTINGS, _ = config.parse(SourceText("series.toml", SERIES))
# Put together at random, so beginnings without an end are among them.
PIECES = [
    "*", "**", "_", "__", "***", "`", "``", "\\", "\\\\", "\\*", "[", "](/x \"t\")", "](<a b>)",
    "][r]", "]", "![", "!", " ", "  \n", "\n", "\n\n", "\n    ", "\n\n    ", "\n\n        ", "\n- ",
    "\n* ", "\n1. ", "\n+ ", "\n> ", "\n\n> ", "# ", "\n\n## T \"q\" isn't\n\n", "\n### h {#id}",
    " {.c}", "{: #i k=v}", "\n{.blk}", "\n\n!!! note\n    ", "\n\n!!! tip \"T\"\n\n    ",
    "\n\nterm\n:   def", "\n: x", "[^1]", "\n\n[^1]: n *y*\n\n    more\n", "\n\n[r]: /u \"t\"\n",
    "\n\n*[HTML]: Hyper\n\n", "HTML", "word", "isn't", "\"a\"", "'q'", "'80s", "--", "---", "...",
    ".", "&", "&amp;", "&#38 ", "&nbsp;'", "<", ">", "<b>", "</b>", "<div>", "</div>\n",
    "\n<div markdown=1>\n", "<!-- c -->", "<p>", "</p>", "\n<pre>\n", "<http://a.b>", "<a@b.c>",
    "|", "\n|---|---|\n", "\n\na | b\n--|--\n", "\n---\n", "\n***\n", "\n===\n", "$`x^2`$", "$",
    "\n- [x] ", "\n\n[TOC]\n\n", "\t", "\r", "\x02", "\x03", "///Footnotes Go Here///",
    "\ufdd0\ufde0\ufddf", "é", "(", ")", "\n   ", "\n \n", "#",
]  # fmt: skip
# Of emphasis within emphasis, of links, and of what stands behind them.
INLINE = [
    "*", "**", "***", "_", "__", "a", "b", " ", "[", "](x)", "`c`", "\\*", "![", "<b>", "&amp;",
    "[x](y)", "<http://a>", "'", '"', "--", "\n",
]  # fmt: skip
LINES = st.lists(st.sampled_from(INLINE), max_size=16).map("".join)
DOCUMENTS = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)


def made_by(engine: Markdown, dialect: Dialect, text: str) -> tuple[object, ...]:
    engine.reset()
    html = engine.convert(text)
    return html, getattr(engine, "toc_tokens", None), dialect.formulas, engine.references.copy()


def assert_same(text: str) -> None:
    assert made_by(*markup._engine(ENGLISH), text) == made_by(*stock.engine(ENGLISH), text)


def test_it_is_our_engine_that_renders_and_the_stock_one_that_it_is_compared_with() -> None:
    assert type(markup._engine(ENGLISH)[0]) is Engine
    theirs = stock.engine(ENGLISH)[0]
    assert type(theirs) is Markdown
    assert type(theirs.treeprocessors["inline"]) is InlineProcessor


def test_the_texts_of_the_stock_engines_own_tests_are_many() -> None:
    assert len(stock.texts()) > 1800


@pytest.mark.parametrize("part", range(4))
def test_it_makes_the_same_of_the_stock_engines_own_tests(part: int) -> None:
    for text in stock.texts()[part::4]:
        assert_same(text)


@given(DOCUMENTS)
@example("`<p>\n&amp;\n</p>`\n\n&amp;")
@example("*a* [*b* `c`](/d) **e *f* g**")
@example("<http://a`b`c*d*>")
@example("word\n  * * *\nword")
@example("term\n  : word")
@example("<hr></p><!-- c --></b><div markdown=1>\n<b><span>\n<!-- c -->")
def test_it_makes_the_same_of_any_text(text: str) -> None:
    assert_same(text)


@given(LINES)
@example("a&amp;**[_<b>***\\****&amp;*aa***![[")
@example(" &amp;***b**&amp;__***[x](y)*****__")
@example("`\\``*``_\\*\\](x)_```\\````*")
@example("[*a [b](x)* c](y)")
def test_it_makes_the_same_of_any_line(text: str) -> None:
    assert_same(text)


def test_what_is_not_stashed_stays() -> None:
    for engine, _ in (markup._engine(ENGLISH), stock.engine(ENGLISH)):
        engine.reset()
        text = f"<p>{engine.htmlStash.store('<hr>')}</p>\x02wzxhzdk:01\x03"
        assert engine.postprocessors["raw_html"].run(text) == "<hr>\x02wzxhzdk:01\x03"


def corpus(folder: Path) -> Iterator[Path]:
    command = [sys.executable, "bench/corpus.py", "--n", "50", "--out", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    yield from (folder / "content").glob("*.md")
    yield from (REPOSITORY / "content").rglob("*.md")
    yield from (REPOSITORY / "tests/golden/source/content").rglob("*.md")
    yield from (REPOSITORY / "docs").rglob("*.md")


def test_it_makes_the_same_of_articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole fragment, through the fences and all."""
    front = "---\ntitle: T\ndate: 2026-01-01\ndescription: D\n---\n"
    articles = []
    for number, path in enumerate(corpus(tmp_path)):
        text = path.read_text()
        content = text if text.startswith("---") else front + text
        file = ContentFile(f"content/{number:03}-a.md", content.encode(), {})
        article, _ = source.parse(file, SETTINGS, languages())
        assert article
        articles.append(article)
    assert len(articles) > 70
    ours = [markup.render(article) for article in articles]
    monkeypatch.setattr(markup, "_engine", stock.engine)
    assert ours == [markup.render(article) for article in articles]


# What is skipped had nothing to do.

CLOSE = st.text("'\"-.`\\[!<&*_ \n3s9a(^];:/@>\u2014\x02\x03", max_size=12)
LITERALS = st.sampled_from([
    "'", '"', "--", "---", "...", "'80s", "&nbsp;", "&mdash;", "&#8211;", " '", "\\\\`", "[^a]",
    "\u2013'a", '\u2013"a', "![", "<a://b>", "<a@b>", "<b>", "&amp;", "  \n", "`", "\u2014'a",
    "&ndash;\"b", "--'c",
])  # fmt: skip
PHRASES = st.lists(st.one_of(LITERALS, CLOSE), max_size=6).map("".join)


def spans(find: re.Pattern[str], text: str) -> list[tuple[object, ...]]:
    return [(match.span(), match.groups()) for match in find.finditer(text)]


@pytest.mark.parametrize("pattern", FINDINGS)
@given(text=PHRASES)
@example(text="\u2013'a\u2013\"a")
@example(text="--'a--\"a")
@example(text="&ndash;'a&ndash;\"a \u2014'a\u2014\"a")
def test_a_pattern_is_found_as_by_its_own_expression(pattern: str, text: str) -> None:
    finding = FINDINGS[pattern]
    found = spans(re.compile(pattern, FLAGS), text)
    if found:
        assert all(mark in text for mark in finding.marks)
        assert finding.guard is None or finding.guard(text)
    if finding.faster and not (finding.unless and finding.unless in text):
        assert spans(re.compile(finding.faster, FLAGS), text) == found


@given(st.text("`a", max_size=12))
def test_a_code_span_ends_where_the_stock_engine_ends_it(text: str) -> None:
    ours, stocks = CodeSpans(BACKTICK_RE), BacktickInlineProcessor(BACKTICK_RE)
    for start, mark in enumerate(text):
        if mark == "`":
            assert ours.find_code_spans(start, text) == stocks.find_code_spans(start, text)


def test_each_known_expression_is_one_that_the_engine_has() -> None:
    engine = stock.engine(ENGLISH)[0]
    patterns = [*engine.inlinePatterns, *engine.treeprocessors["smarty"].inlinePatterns]  # type: ignore[attr-defined]  # of its InlineProcessor
    assert set(FINDINGS) <= {pattern.pattern for pattern in patterns}


def test_no_mark_can_come_from_a_placeholder() -> None:
    """So a text that does not have it at first never has it."""
    own = re.compile("[a-z:0-9]+|.*[\x02\x03].*")
    marks = {mark for one in FINDINGS.values() for mark in (*one.marks, one.unless)} - {""}
    assert not [mark for mark in (*marks, "](") if own.fullmatch(mark)]


def acts_on(processor: BlockProcessor, parent: Element, block: str) -> bool:
    """Some say yes to each block, and look for their expression when they run."""
    if type(processor) is MarkdownInHtmlProcessor:
        return bool(HTML_PLACEHOLDER_RE.match(block))
    if type(processor) in (FootnoteBlockProcessor, AbbrBlockprocessor, ReferenceProcessor):
        find: re.Pattern[str] = processor.RE  # type: ignore[attr-defined]  # each has one
        return bool(find.search(block))
    return processor.test(parent, block)


def test_a_block_processor_is_asked_wherever_it_would_act() -> None:
    engine = stock.engine(ENGLISH)[0]
    known = [one for one in engine.parser.blockprocessors if type(one) in BLOCKS]
    assert len(known) == len(BLOCKS) - 1  # all but the stock admonition, in whose place is ours
    acted = set()
    for block in [block for text in stock.texts() for block in text.split("\n\n")]:
        for processor in known:
            if acts_on(processor, Element("li"), block):
                acted.add(type(processor))
                assert BLOCKS[type(processor)](block), (processor, block)
    assert acted >= BLOCKS.keys() - {AdmonitionProcessor, MarkdownInHtmlProcessor}


# What is not known is never skipped.


class Shout(SimpleTextInlineProcessor):
    def handleMatch(  # type: ignore[override]  # noqa: N802  # as the library, not its stubs
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002
    ) -> tuple[str, int, int]:
        return m[0].upper(), m.start(), m.end()


class EveryQuote(BlockQuoteProcessor):
    """Takes for a quote what has no mark of one: that it is made from one that is known says
    nothing."""

    def test(self, parent: Element, block: str) -> bool:
        return "word" in block and parent.tag != "blockquote"


class Strange(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # its name
        md.inlinePatterns.register(Shout("word"), "shout", 65)
        md.parser.blockprocessors.register(EveryQuote(md.parser), "every", 95)


def test_what_it_does_not_know_is_always_tried() -> None:
    extensions, _ = markup.parts(ENGLISH)
    made = Engine([*extensions, Strange()]).convert("a word")
    assert made == "<blockquote>\n<p>a WORD</p>\n</blockquote>"


class OldPattern(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # its name
        md.inlinePatterns.register(Pattern("x"), "old", 1)


def test_patterns_that_it_can_not_run_are_refused() -> None:
    extensions, _ = markup.parts(ENGLISH)
    with pytest.raises(TypeError, match="leaves out"):
        Engine([*extensions, OldPattern()])


# The serializer writes what the stock one does.

WORDS = st.text("a<>&\"'\n;#3 ", max_size=6)
NAMES = st.sampled_from(["p", "br", "IMG", "script", "a", "td", "hr", "Style"])
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["id", "checked", "href", "z", "A"]),
    st.one_of(st.none(), st.just("checked"), WORDS),
    max_size=3,
)


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> Element:
    made = Element(draw(NAMES))
    # A value of None is what attr_list makes of a name alone.
    made.attrib.update(draw(ATTRIBUTES))  # type: ignore[arg-type]
    made.text, made.tail = draw(st.one_of(st.none(), WORDS)), draw(st.one_of(st.none(), WORDS))
    made.extend(draw(st.lists(trees(depth - 1), max_size=2)) if depth else [])
    return made


@given(trees())
def test_a_tree_is_written_as_by_the_stock_serializer(tree: Element) -> None:
    assert to_html(tree) == to_html_string(tree)


def test_what_is_no_element_is_left_to_the_stock_serializer() -> None:
    tree = Element("p")
    tree.append(Comment("c"))
    assert to_html(tree) == to_html_string(tree) == "<p><!--c--></p>"
