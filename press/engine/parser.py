"""The block stage of Python-Markdown, which asks no processor that a block has nothing for."""

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockparser import BlockParser

from press.engine.conditions import BLOCKS, Condition

if TYPE_CHECKING:
    from markdown.blockprocessors import BlockProcessor


def _always(block: str) -> bool:  # noqa: ARG001
    return True


class Parser(BlockParser):
    """Asks the processors that it has when its first article comes."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self._asked: list[tuple[BlockProcessor, Condition]] = []
        """Each processor, and whether it may act on a block."""

    def parseBlocks(self, parent: Element, blocks: list[str]) -> None:  # noqa: N802  # its name
        if not self._asked:
            self._asked = [(one, BLOCKS.get(type(one), _always)) for one in self.blockprocessors]
        while blocks:
            for processor, may_act_on in self._asked:
                if (
                    may_act_on(blocks[0])
                    and processor.test(parent, blocks[0])
                    and processor.run(parent, blocks) is not False
                ):
                    break
