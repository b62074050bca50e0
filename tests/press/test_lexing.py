"""What reads quickly finds what Pygments' own lexers find; those are the judges here."""

import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pygments.lexer import RegexLexer, default, this, words
from pygments.lexers import find_lexer_class_by_name
from pygments.token import Keyword, Name, Text, Token

from press import highlight, lexing
from press.crates import DEBIAN
from press.lexing.beginnings import EVERY, WIDE, beginnings
from press.lexing.joining import NotJoinedError
from press.lexing.kinds import TYPES, Found
from press.lexing.narrowing import narrow
from press.lexing.plain import plain
from press.lexing.quick import quick, quickened
from press.lexing.scanning import Quick
from tests.conftest import REPOSITORY

FOLLOWED = [
    "bash", "css", "diff", "docker", "go", "html", "ini", "java", "javascript", "kotlin",
    "powershell", "python", "rust", "sql", "toml", "typescript", "xml",
]  # fmt: skip
"""Whose lexers do no more than follow their rules."""
OTHERS = [
    "c", "console", "cpp", "json", "lua", "make", "markdown", "pycon", "ruby", "swift",
    "text", "yaml",
]  # fmt: skip
"""Whose lexers do more, are made of others, or have a rule that can't be joined."""

RULES: Any = import_module("pygments.lexer")  # parts of it have no types
FENCE = re.compile(r"^(`{3,})(\w*).*?\n(.*?)\n\1$", re.DOTALL | re.MULTILINE)

PIECES = [
    "def", "class", "f", "r", "rb", "async", "from", "import", "match", "self", "__init__", "print",
    "let", "fn", "impl", "pub", "mut", "'a", "r#", "b", "vec!", "if", "fi", "done", "echo", "$x",
    "${", "<<EOF", "EOF", "SELECT", "function", "return", "true", "None", "x", "Größe", "ß", "ſ",
    "名", "é", "0x1f", "1_000", "1.5e-3", "0", "42", '"', "'", '"""', "'''", "`", "\\", "\\n",
    *"{}()[]<>&|;:,.=!@#+-%?~^$", "//", "/*", "*/", "--", " ", "  ", "\n", "\n", "\n", "\t", "\r",
    "\r\n", "\0", "\x1c", "\f", "\u2028", "\ufeff", ">>> ", "... ", "$ ",
    "Traceback (most recent call last):\n", "<p>", "</p>",
]  # fmt: skip
CODE = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@cache
def readers(language: str) -> tuple[Callable[[str], Found], Callable[[str], Found]]:
    lexer: Any = find_lexer_class_by_name(language)
    return plain(lexer(stripnl=False)), quick(lexer, stripnl=False)


@cache
def for_ascii(language: str) -> Callable[[str], Found]:
    return plain(narrow(find_lexer_class_by_name(language))(stripnl=False))


def typed(found: Found) -> list[tuple[Any, str]]:
    """By type and text: an empty token is none."""
    return [(TYPES[kind], text) for _, kind, text in found if text]


def same(language: str, code: str) -> None:
    by_pygments, by_us = (typed(read(code)) for read in readers(language))
    assert by_us == by_pygments
    if code.isascii():
        assert typed(for_ascii(language)(code)) == by_pygments


def fences() -> list[tuple[str, str]]:
    texts = [path.read_text() for path in sorted(REPOSITORY.glob("content/**/*.md"))]
    return [(found[2] or "text", found[3]) for text in texts for found in FENCE.finditer(text)]


def test_the_fences_of_the_series() -> None:
    assert len({language for language, _ in fences()}) > 4
    for language, code in fences():
        same({"output": "text"}.get(language, language), code)


def some(folder: Path, pattern: str, number: int) -> list[Path]:
    found = sorted(folder.rglob(pattern))
    assert found
    return found[:: len(found) // number + 1]


def test_the_standard_library() -> None:
    for path in some(Path(sysconfig.get_path("stdlib")), "*.py", 60):
        same("python", path.read_text("utf-8", "replace")[:20_000])


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="this machine has no sources of crates")
def test_the_sources_of_crates() -> None:
    for path in some(DEBIAN, "*.rs", 60):
        same("rust", path.read_text("utf-8", "replace")[:20_000])


@pytest.mark.parametrize("language", FOLLOWED + OTHERS)
def test_texts_of_any_language(language: str) -> None:
    for path in ("Makefile", ".ci/run", "press/source.py", "templates/assets/style.css"):
        same(language, (REPOSITORY / path).read_text()[:4_000])


@pytest.mark.parametrize("language", FOLLOWED + OTHERS)
@given(code=CODE)
def test_any_text_of_pieces(language: str, code: str) -> None:
    same(language, code)


@pytest.mark.parametrize("language", ["python", "rust", "bash", "toml"])
@given(code=st.text())
def test_any_text(language: str, code: str) -> None:
    same(language, code)


@pytest.mark.parametrize("language", FOLLOWED)
def test_the_rules_of_these_are_followed_by_us(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that no test above has compared Pygments with itself."""
    lexer: Any = find_lexer_class_by_name(language)
    monkeypatch.setattr("press.lexing.quick.plain", None)
    read = quick(lexer, stripnl=False)
    for code in [*PIECES, "".join(PIECES), "".join(reversed(PIECES))]:
        assert read(code)


@pytest.mark.parametrize("language", ["console", "pycon"])
def test_a_session_is_read_quickly_within(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scanned = []
    scan = Quick.scan

    def watched(self: Quick, text: str, *more: Any) -> Found:
        scanned.append(text)
        return scan(self, text, *more)

    monkeypatch.setattr(Quick, "scan", watched)
    same(
        language,
        '$ echo "a b"\na b\n>>> print(1)\n1\n>>> 1 / 0\nTraceback (most recent call last):\n',
    )
    within = {"console": 'echo "a b"\n', "pycon": "print(1)\n1 / 0\n"}
    assert within[language] in scanned


class Peculiar(RegexLexer):
    """What rules can be, and few are."""

    tokens = {  # noqa: RUF012
        "root": [
            (r"(['\"])\w*\1", Name.One),
            (r"(?s)<(\w+)>.*?</\1>", RULES.bygroups(Name.Two)),
            (r"(?i)(k+)(?=\d)", Name.Three),
            (r"(?x) \( [ ] # one space, and ( is none", Name.Four, ("#push", "inner")),
            (r"((a)|(b))(c)?", RULES.bygroups(Name.Five, None, Name.Six, Name.Seven)),
            (r"\{(.)(.)", RULES.bygroups(RULES.using(this), Keyword), "inner"),
            (words(("for", "foreach", "é"), prefix=r"\b"), Keyword),
            (words(("x", "xy", ""), prefix="(?<!z)", suffix="="), Keyword.Other),
            (words(("kilo", "mega"), prefix="(?i)", suffix="!"), Keyword.Constant),
            (words(("in", "out"), prefix="@?"), Keyword.Reserved),
            (r"[^é^a-z\W]", Name.Eight),
            (r"[aé-ÿ-z]!", Name.Nine),
            (r"[é^a-z]~", Name.Sixteen),
            (words(("let", "lot"), prefix="(", suffix="):"), Keyword.Type),
            (r"(?i)[ſ\u212a]:", Name.Twelve),
            (r"(drop)(ped)", RULES.bygroups(None, Name.Nought)),
            (r"\n\n", Text, "#pop:3"),
            (r"\^", Name.Thirteen, ("#pop", "inner")),
            (r"%", Name.Fourteen, "stuck"),
        ],
        "inner": [
            (r"\)", Name.Ten, "#pop"),
            (r"=", Text, "#push"),
            default("more"),
            (r"never", Text),
        ],
        "stuck": [(r"[a-z]", Name.Fifteen)],
        "more": [(r"\d", Name.Eleven, ("#pop", "#pop")), (r" ", Text), default(("#pop", "root"))],
    }


class Careless(Peculiar):
    """The same without case, where LET is in a list of words."""

    flags = re.IGNORECASE


class Unjoined(RegexLexer):
    """This rule asks for its own groups by number."""

    tokens = {"root": [(r"[abc]d", Keyword), (r"(a)?(?(1)b|c)", RULES.bygroups(Name))]}  # noqa: RUF012


@given(st.text("'\"<a>/bkKs123\u212aéſ-ÿ!: (){}#fore\nxyzdropped=é"))
@example("""'a' "b' <a>s</a> <a>\ns</b> kK1 s: S: k: Kilo! kilo! -! ( (a) bc {1= 1 = """)
@example("for foreach x= xy= zx= = dropped drop ped \n\n( 1= ) 2 3 A _ 9 ^ in @out \n ( never (1")
@example("-~ a~ b! z! let: lot: FOR IN LET: ^ 1 %a%1b\n% \nKilo! @in")
@example("\u212a: Kilo! ſ: é~ é! É! ÿ-! s: é foré é ^=")
def test_peculiar_rules(code: str) -> None:
    for peculiar in (Peculiar, Careless):
        lexer = quickened(peculiar(stripnl=False))
        found = lexer.scan(lexer._preprocess_lexer_input(code))
        assert typed(found) == typed(plain(peculiar(stripnl=False))(code))


@given(st.text("abcd\n"))
def test_rules_that_we_do_not_follow(code: str) -> None:
    with pytest.raises(NotJoinedError):
        quickened(Unjoined(stripnl=False)).scan("ab")
    found = quick(Unjoined, stripnl=False)(code)
    assert typed(found) == typed(plain(Unjoined(stripnl=False))(code))


@pytest.mark.parametrize(
    "own",
    [
        {"get_tokens": lambda *_: []},
        {"get_tokens_unprocessed": lambda *_: []},
        {"token_variants": True, "_tokens": {}},
    ],
)
def test_a_lexer_that_does_more_than_its_rules_stays_as_it_is(own: dict[str, Any]) -> None:
    make: Any = type(Peculiar)
    lexer = make("More", (Peculiar,), own)()
    assert quickened(lexer) is lexer


def test_where_each_token_begins() -> None:
    code = 'from a import b  # c\nx = f"{y!r}"\n'
    for at, _, text in readers("python")[1](code):
        assert code[at : at + len(text)] == text


@pytest.mark.parametrize(
    ("regex", "flags", "can", "can_not"),
    [
        ("abc", 0, "a", "bcA"),
        ("(?i)abc", 0, "aA", "b"),
        ("a?b|[0-5]", 0, "ab05", "6c"),
        (r"\s*(?=x)", 0, "xq", ""),
        (r"(?<!\.)\bx", 0, "x", ".y"),
        (r"[^a-z]", 0, "A0é", "az"),
        (r"[^a-z]", re.IGNORECASE, "0é", ""),
        (r"[^é]", 0, "aàé", ""),
        (r"(?i:a)b", 0, "aA", "b"),
        (r"k", re.IGNORECASE, "kK\u212a", "x"),
        (r"\w+", 0, "aé_9", " -"),
        (r"\W", 0, " -é", "a_"),
        (r"(a|b){2,}c", 0, "ab", "c"),
        (r"(a|b)*c", 0, "abc", "d"),
        (r"(?:(a)|b)(?(1)c|d)", 0, "ab", "cd"),
        (r".", 0, "aé", ""),
        ("", 0, "aé\n", ""),
        ("é", 0, "é", "ae"),
    ],
)
def test_what_a_match_can_begin_with(regex: str, flags: int, can: str, can_not: str) -> None:
    found = beginnings(regex, flags)
    assert {min(ord(one), WIDE) for one in can} <= found
    assert not {min(ord(one), WIDE) for one in can_not} & found


@pytest.mark.parametrize("language", FOLLOWED)
def test_no_rule_matches_what_it_is_not_tried_on(language: str) -> None:
    lexer: Any = quickened(find_lexer_class_by_name(language)(stripnl=False))
    texts = [
        "".join(PIECES),
        *PIECES,
        *(f"{first}{second}" for first in PIECES for second in "a1 "),
    ]
    for tokens in (lexer._tokens or {}).values() if isinstance(lexer, Quick) else ():
        for regex in {one for one, _, _ in tokens if isinstance(one, str)}:
            first = beginnings(regex, lexer.flags)
            for found in (re.compile(regex, lexer.flags).match(text) for text in texts):
                assert found is None or min(ord(found.string[0]), WIDE) in first or first == EVERY


def test_a_language_is_read_by_pygments_until_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python` alone: each other language starts for itself."""
    lexing._language.cache_clear()
    asked = []

    def watched(lexer: Any, **options: Any) -> Callable[[str], Found]:
        asked.append(lexer)
        return quick(lexer, **options)

    monkeypatch.setattr("press.lexing.quick.quick", watched)
    for number in range(lexing.FEW + 3):
        lexing.tokens(f"x = {number} # a piece for itself", "python")
        lexing.tokens.cache_clear()
        assert len(asked) == (number >= lexing.FEW)
    lexing._language.cache_clear()


def test_a_piece_looks_alike_whoever_reads_it() -> None:
    for language, code in fences()[:20]:
        looks = set()
        for number in range(lexing.FEW + 2):
            highlight.lines.cache_clear()
            lexing.tokens.cache_clear()
            looks.add((highlight.lines(code, language), tuple(highlight.slim(code, language))))
            assert len(looks) == 1, number


def test_empty_lines_around_a_piece_stay() -> None:
    assert "".join(text for _, _, text in lexing.tokens("\n\nx\n\n", "python")) == "\n\nx\n\n"


def test_a_language_that_nobody_knows_is_text() -> None:
    assert typed(lexing.tokens("a <b>", "such")) == [(Token.Text, "a <b>\n")]
    assert lexing.name("such") == "Text only"


def test_what_a_single_article_needs_is_all_that_is_loaded() -> None:
    program = """
import sys
from press import highlight
highlight.lines("x = 1", "python")
highlight.slim("x = 1", "python")
print([name for name in sys.modules if name.startswith(("pygments.f", "pygments.s", "press.lex"))])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    loaded = set(re.findall(r"[\w.]+", done.stdout))
    assert not {one for one in loaded if one.startswith(("pygments.formatters", "pygments.styles"))}
    assert "press.lexing" in loaded
    assert "press.lexing.quick" not in loaded
