"""Python sessions with prompts. They run as Python examples do, and can go on from them."""

from press.languages import python
from press.model import Language

LANGUAGE = Language("pycon", frozenset({"python-console"}), python.SHARED, shares="python")

version = python.version
prove = python.prove
