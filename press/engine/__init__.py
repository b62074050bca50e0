"""Python-Markdown, doing the same with less: no stage tries what can have no effect on a text.

`conditions` has what each rule needs. What comes out is compared with what the stock engine makes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import InlineProcessor

from press.engine.inline import Inline
from press.engine.parser import Parser
from press.engine.serializer import to_html
from press.engine.stages import LEANER

INLINE = {"inline": 20, "smarty": 6}
"""The two inline stages, and their priorities."""


class Engine(Markdown):
    """One for many articles: it costs 2 ms. It writes HTML, and is complete once it is made."""

    def __init__(
        self, extensions: Sequence[str | Extension], configs: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._block_level: dict[object, bool] = {}
        super().__init__(extensions=extensions, extension_configs=configs, output_format="html")
        self.serializer = to_html
        for processor in (*self.preprocessors, *self.treeprocessors, *self.postprocessors):
            # They do the same and keep nothing else, so each stays with its configuration.
            processor.__class__ = LEANER.get(type(processor), type(processor))
        for name, priority in INLINE.items():
            stock = self.treeprocessors[name]
            if type(stock) is InlineProcessor:
                patterns: Any = stock.inlinePatterns  # which its stubs take for tree processors
                inline = Inline(self, patterns)
                self.treeprocessors.register(inline, name, priority)

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
