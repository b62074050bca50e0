"""Python-Markdown, doing the same with less: no stage tries what can have no effect on a text.

`conditions` has what each rule needs. What comes out is compared with what the stock engine makes.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self, cast

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import InlineProcessor

from press.engine import patterns, stages
from press.engine.inline import Inline, Words
from press.engine.parser import Parser
from press.engine.serializer import to_html

if TYPE_CHECKING:
    from markdown.inlinepatterns import Pattern
    from markdown.util import Processor, Registry

INLINE = (("inline", 20, Inline), ("smarty", 6, Words))
"""The two inline stages and their priorities."""


class Engine(Markdown):
    """One for many articles: it costs 2 ms. It writes HTML, and is complete once it is made."""

    def __init__(self, extensions: Sequence[Extension]) -> None:
        self._block_level: dict[object, bool] = {}
        super().__init__(extensions=extensions, output_format="html")
        self.serializer = to_html
        self._make_leaner()
        for name, priority, stage in INLINE:
            stock = self.treeprocessors[name]
            if type(stock) is InlineProcessor:
                registry: Any = stock.inlinePatterns  # which its stubs take for tree processors
                self.treeprocessors.register(stage(self, registry), name, priority)

    def _make_leaner(self) -> None:
        """Classes that do the same, and keep nothing else: so each keeps its configuration."""
        leaner = stages.LEANER | patterns.LEANER
        stock = (self.preprocessors, self.inlinePatterns, self.treeprocessors, self.postprocessors)
        for registry in stock:
            for one in cast("Registry[Processor | Pattern]", registry):
                one.__class__ = leaner.get(type(one), type(one))

    def build_parser(self) -> Self:
        super().build_parser()
        parser = Parser(self)
        parser.blockprocessors = self.parser.blockprocessors
        for processor in parser.blockprocessors:
            processor.parser = parser
        self.parser = parser
        return self

    def is_block_level(self, tag: object) -> bool:
        known = self._block_level.get(tag)
        if known is None:
            known = self._block_level[tag] = super().is_block_level(tag)
        return known
