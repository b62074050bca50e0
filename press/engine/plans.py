"""Which inline patterns are worth a try on a text, by the marks that it has."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from markdown import Markdown
from markdown.extensions.footnotes import FootnoteInlineProcessor
from markdown.inlinepatterns import InlineProcessor, Pattern
from markdown.util import Registry

from press.engine.conditions import ALWAYS, FINDINGS, MORE, OF_REFERENCES, Condition, Finding

FLAGS = re.DOTALL | re.UNICODE
"""Those that a pattern's own expression is compiled with."""


class Try(NamedTuple):
    """A pattern to be tried on a text."""

    place: int
    """Its place among all patterns."""
    pattern: InlineProcessor
    find: re.Pattern[str]
    guard: Condition | None


class _Rule(NamedTuple):
    place: int
    pattern: InlineProcessor
    finding: Finding
    faster: re.Pattern[str]
    needs: tuple[str, ...]


Plan = list[Try]
"""In the order of the patterns."""


class Plans:
    """A text has one for its marks; there are few. They last as long as the patterns stay."""

    def __init__(self, patterns: Registry[Pattern]) -> None:
        self._rules = [_rule(place, pattern) for place, pattern in enumerate(patterns)]
        unless = {rule.finding.unless for rule in self._rules} - {""}
        self._marks = sorted(unless.union(*(rule.needs for rule in self._rules)))
        self._idle: tuple[bool, ...] = ()
        self._all: dict[tuple[bool, ...], dict[tuple[bool, ...], Plan]] = {}
        self._plans: dict[tuple[bool, ...], Plan] = {}

    def begin(self, md: Markdown) -> None:
        """Leave out the patterns that can do nothing in the article that is being read."""
        self._idle = tuple(_does_nothing(rule.pattern, md) for rule in self._rules)
        self._plans = self._all.setdefault(self._idle, {})

    def of(self, text: str) -> Plan:
        has = tuple([mark in text for mark in self._marks])
        plan = self._plans.get(has)
        if plan is None:
            plan = self._plans[has] = self._made(has)
        return plan

    def _made(self, has: Sequence[bool]) -> Plan:
        marks = {mark for mark, there in zip(self._marks, has, strict=True) if there}
        return [
            Try(
                rule.place,
                rule.pattern,
                rule.pattern.getCompiledRegExp() if rule.finding.unless in marks else rule.faster,
                rule.finding.guard,
            )
            for rule, idle in zip(self._rules, self._idle, strict=True)
            if not idle and marks.issuperset(rule.needs)
        ]


def _rule(place: int, pattern: Pattern) -> _Rule:
    if not isinstance(pattern, InlineProcessor) or pattern.ANCESTOR_EXCLUDES:
        raise TypeError(f"{pattern} needs what our inline stage leaves out")
    finding = FINDINGS.get(pattern.pattern, ALWAYS)
    find = pattern.getCompiledRegExp()
    faster = re.compile(finding.faster, FLAGS) if finding.faster else find
    more = [mark for one, mark in MORE.items() if type(pattern) is one]
    return _Rule(place, pattern, finding, faster, (*finding.marks, *more))


def _does_nothing(pattern: InlineProcessor, md: Markdown) -> bool:
    if type(pattern) is FootnoteInlineProcessor:
        return not pattern.footnotes.footnotes
    return type(pattern) in OF_REFERENCES and not md.references
