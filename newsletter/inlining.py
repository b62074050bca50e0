"""A mail's styles -> into its elements, by css-inline: many programs know no other place for them.

What no element can hold, such as the colours for the dark, stays in the mail's head.
"""

import re
from functools import cache

import css_inline

LEFT = re.compile(r"<head>(<style>.*?</style>)(.*?)</head>", re.DOTALL)


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False, minify_css=True
    )


def inlined(html: str) -> str:
    """The HTML with its styles where they count. What is left of them comes last in its head: the
    declaration of its characters has to be among its first 1,024 bytes (HTML, 4.2.5.4)."""
    return LEFT.sub(r"<head>\2\1\n</head>", _inliner().inline(html), count=1)
