"""Outputs of named inputs: what was made of the same inputs before, and is still there, is not made
again."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from msgspec import Struct, field

from press import compressing, head, pagelinks, results
from press.config import Config
from press.digests import Digests
from press.memory import Inputs, Memory
from press.model import OutputFile
from press.output import Found
from press.results import References, Result

Content = bytes | Path
"""Of a file of the site: itself, or where it was laid by."""


def content_of(content: Content) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


class Ledge(Struct):
    """Where what is made lies until it is written: in memory, or in a folder of this process.

    Where nothing is to be written, it keeps nothing.
    """

    folder: Path | None = None
    keeps: bool = True
    contents: dict[str, Content] = field(default_factory=dict)
    """Path in the site -> content."""
    texts: dict[str, str] = field(default_factory=dict)
    """Name -> a long text that is kept with what was made, until somebody keeps it."""

    def put(self, output: OutputFile) -> None:
        if not self.keeps:
            return
        if self.folder is None:
            self.contents[output.path] = output.content
            return
        aside = self.folder / str(len(self.contents))
        aside.write_bytes(output.content)
        self.contents[output.path] = aside

    def say(self, text: str) -> str:
        """Lay a long text by, and give its name: its digest."""
        name = sha256(text.encode()).hexdigest()
        self.texts[name] = text
        return name

    def said(self) -> dict[str, str]:
        """All texts since the last time."""
        texts, self.texts = self.texts, {}
        return texts


class Tasks(Struct):
    """All outputs of a build so far."""

    memory: Memory
    found: Found
    """What the last good build has left in the site."""
    cache: Path
    config: Config
    ledge: Ledge = field(default_factory=Ledge)
    results: list[Result] = field(default_factory=list)
    made: list[Result] = field(default_factory=list)
    """Those of them that were made now."""
    replaced: dict[str, Result] = field(default_factory=dict)
    """Path -> what was made of it the last time, of those that were made now."""
    digests: Digests = field(default_factory=Digests)
    heads: list[head.Listing] = field(default_factory=list)
    """Of all pages but those of articles."""
    used: set[str] = field(default_factory=set)
    """Names of the records that this build has a use for."""
    fresh: set[str] = field(default_factory=set)
    """Names of those of what was made now."""
    why: dict[str, str] = field(default_factory=dict)
    """What was made again -> why."""

    def recall(self, name: str, inputs: Inputs) -> bool:
        """Take what was made of these inputs before, if it is still there. Says whether it is."""
        self.used.add(name)
        found = self.memory.recall(name, inputs, results.KIND)
        if found is not None and all(map(self.stands, found)):
            self.results += found
            return True
        self.why[name] = self._reason(name, inputs)
        return False

    def there(self, path: str) -> Result | None:
        """The file of a path as it was made the last time, if it is still there."""
        its = self.before(path)
        return next((one for one in its if one.path == path and self.stands(one)), None)

    def before(self, name: str) -> Sequence[Result]:
        """What was made under a name the last time, whether it is still there or not."""
        found = self.memory.find(name, results.KIND)
        return found.value if found else ()

    def stands(self, one: Result) -> bool:
        """Whether a file is in the site as it was left; where nothing is kept, nobody needs it."""
        if not self.ledge.keeps:
            return True
        standing = self.found.standing
        return one.path in standing and standing[one.path][1] == one.digest

    def _reason(self, name: str, inputs: Inputs) -> str:
        before = self.memory.find(name, results.KIND)
        if before is None:
            return "it is new"
        names = [one for one in inputs if before.inputs.get(one) != inputs[one]]
        return ", ".join(names) or "it was changed or removed in the site"

    def keep(self, name: str, inputs: Inputs, made: Iterable[Result]) -> None:
        """Take what was made of these inputs now."""
        found = tuple(made)
        self._take(found)
        self.replaced |= {one.path: one for one in self.before(name)}
        self.memory.keep(name, inputs, found)
        self.fresh.add(name)

    def _take(self, made: Sequence[Result]) -> None:
        self.results += made
        self.made += made

    def add(self, outputs: Iterable[OutputFile], *, page: bool = False) -> None:
        """Files that cost less to make than to remember."""
        self._take(self.put(outputs, page=page))

    def put(self, outputs: Iterable[OutputFile], *, page: bool = False) -> list[Result]:
        made = put(self.ledge, outputs, self.cache, self.config, page=page)
        self.memory.keep_texts(self.ledge.said())
        return made

    def references(self, page: Result) -> References | None:
        """What a page refers to, made now or before; None for what is no page."""
        return results.read(self.memory.text(page.refers)) if page.refers else None


def put(
    ledge: Ledge,
    outputs: Iterable[OutputFile],
    cache: Path,
    config: Config,
    *,
    page: bool = False,
) -> list[Result]:
    """Lay files by, and their compressed forms if these are wanted; of a `page`, look at its
    references."""
    here = pagelinks.here(config)
    made = []
    for output in outputs:
        ledge.put(output)
        refers = ledge.say(results.told(pagelinks.look(output, here))) if page else ""
        made.append(results.of(output, refers))
        for form in compressing.forms(output, cache) if config.compressed else ():
            ledge.put(form)
            made.append(results.of(form, compressed=True))
    return made
