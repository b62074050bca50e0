"""Inline patterns that look at characters one by one, looking only at those that matter."""

import re
from typing import Any

from markdown.inlinepatterns import BacktickInlineProcessor, DelimiterProcessor

BACKTICKS = re.compile("`+")


class Delimiters(DelimiterProcessor):
    """`*` and `_`."""

    def search(self, data: str, start: int) -> re.Match[str] | None:
        for token in self.compiled_re.finditer(data, start):
            delimiter = self.delimiters[token[0]]
            found = delimiter.boundary.match(data, token.start())
            if found and (delimiter.stack or found.lastgroup != "end"):
                return found
        return None


class CodeSpans(BacktickInlineProcessor):
    """`code`. A span of backticks ends at the next of its length, or of the longest before it."""

    def find_code_spans(self, start: int, text: str) -> Any:
        opening = BACKTICKS.match(text, start)
        ticks = opening.end() - start if opening else 0
        longest = end = 0
        for run in BACKTICKS.finditer(text, start + ticks):
            length = run.end() - run.start()
            if length == ticks:
                return start + ticks, run.start()
            if length > longest:
                longest, end = length, run.end()
        if 0 < longest < ticks:
            return start + longest, end - longest
        return start + 2 * ticks, None


LEANER: dict[type, Any] = {DelimiterProcessor: Delimiters}
"""By the class of a pattern, and of no class that is made from it."""
