"""The stock engine of Python-Markdown, and the texts of its own tests, to compare ours with.

`texts.json` is made by `python -m tests.press.stock FOLDER` from the source distribution, whose
licence is LICENSE.md.
"""

import json
from functools import lru_cache
from pathlib import Path

from markdown import Markdown

from press import markup
from press.dialect import Dialect
from press.words import Words

TEXTS = Path(__file__).with_name("texts.json")


def texts() -> list[str]:
    """What Python-Markdown's own tests convert, and what they expect."""
    found: list[str] = json.loads(TEXTS.read_text())
    return found


@lru_cache(maxsize=1)
def engine(words: Words) -> tuple[Markdown, Dialect]:
    """The same extensions and settings as `markup` has, by the library's own stages."""
    extensions, dialect = markup.parts(words)
    return Markdown(extensions=extensions, output_format="html"), dialect
