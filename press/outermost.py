"""Rust code -> what of it stands outermost: neither in a comment or a literal, nor within braces.

It knows as much of Rust's tokens as that takes (doc.rust-lang.org/reference/tokens.html).
"""

import re

# In this order: what begins like another comes first. A quote that ends no character is a lifetime.
TOKEN = re.compile(
    r"""
    (?P<line> //[^\n]* )
    | (?P<comment> /\* )
    | (?P<text> \b(?:b|c)?r(?P<marks>\#*)".*?"(?P=marks) | "(?:\\.|[^"\\])*"
        | '(?:\\(?:u\{[^}]*\}|x..|.)|[^\\'\n])' )
    | (?P<opening> [({\[] )
    | (?P<closing> [)}\]] )
    """,
    re.VERBOSE | re.DOTALL,
)
COMMENT = re.compile(r"/\*|\*/")
CALL = re.compile(r"!\s*\Z")
"""What stands before the brackets of a macro's call."""


def outermost(code: str) -> str:
    """The code with spaces in place of what is not outermost, each character where it was.

    What a call of a macro is given counts as well: it may be what the call expands to (rustdoc's
    rule, github.com/rust-lang/rust/issues/56898).
    """
    kept: list[str] = []
    calls: list[bool] = []  # the brackets around, and whether they are those of a call
    at = 0
    while match := TOKEN.search(code, at):
        seen = not calls or calls == [True]
        between, token = code[at : match.start()], match[0]
        kept.append(between if seen else _blank(between))
        at = match.end()
        if match["opening"]:
            calls.append(not calls and CALL.search(between) is not None)
        elif match["closing"]:
            del calls[-1:]
            seen = not calls or calls == [True]
        elif match["comment"]:
            at = _end_of_comment(code, at)
            token = code[match.start() : at]
        is_bracket = bool(match["opening"] or match["closing"])
        kept.append(token if seen and is_bracket else _blank(token))
    rest = code[at:]
    return "".join([*kept, rest if not calls else _blank(rest)])


def _end_of_comment(code: str, at: int) -> int:
    """Where a comment that began before ends; comments stand within one another."""
    depth = 1
    while depth and (match := COMMENT.search(code, at)):
        depth += 1 if match[0] == "/*" else -1
        at = match.end()
    return len(code) if depth else at


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
