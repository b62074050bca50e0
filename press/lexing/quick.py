"""Reads code as a lexer of Pygments does, and faster where that does no more than its rules say."""

import re
from collections.abc import Callable
from typing import Any

from pygments.lexer import DelegatingLexer, Lexer, RegexLexer

from press.lexing.joining import NotJoinedError
from press.lexing.kinds import Found
from press.lexing.plain import plain
from press.lexing.scanning import Quick


def quick(cls: Any, **options: Any) -> Callable[[str], Found]:
    """What the lexer of a class finds in a piece of code."""
    lexer = quickened(cls(**options))
    faster = _scanning(lexer) if isinstance(lexer, Quick) else plain(lexer)
    slower: list[Callable[[str], Found]] = []

    def read(code: str) -> Found:
        if not slower:
            try:
                return faster(code)
            except (NotJoinedError, re.error):
                slower.append(plain(cls(**options)))
        return slower[0](code)

    return read


def _scanning(lexer: Any) -> Callable[[str], Found]:
    """Asks it directly, where `get_tokens` would hand each token on three times."""

    def read(code: str) -> Found:
        found: Found = lexer.scan(lexer._preprocess_lexer_input(code))
        return found

    return read


def quickened(lexer: Any) -> Any:
    """A lexer that finds the same, made of it: what only follows its rules does so quickly."""
    if isinstance(lexer, DelegatingLexer):
        lexer.root_lexer = quickened(lexer.root_lexer)
        lexer.language_lexer = quickened(lexer.language_lexer)
        return lexer
    cls: Any = type(lexer)
    inner: Any = getattr(cls, "_innerLexerCls", None)  # of the session of a shell
    if inner and _only_follows_rules(inner):
        return type(cls)(cls.__name__, (cls,), {"_innerLexerCls": _quick(inner)})(**lexer.options)
    return _quick(cls)(**lexer.options) if _only_follows_rules(cls) else lexer


def _quick(cls: Any) -> Any:
    return type(cls)(cls.__name__, (Quick, cls), {"_states": {}})


def _only_follows_rules(cls: Any) -> bool:
    return (
        issubclass(cls, RegexLexer)
        and cls.get_tokens is Lexer.get_tokens
        and cls.get_tokens_unprocessed is RegexLexer.get_tokens_unprocessed
        and not getattr(cls, "token_variants", False)
    )
