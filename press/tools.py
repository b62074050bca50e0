"""With what examples run here: asked once for each state of the machine."""

from dataclasses import dataclass, field

from press import digests, prove
from press.gist import Tool
from press.memory import Memory
from press.model import Setting, Workshop


@dataclass(slots=True)
class Tools:
    workshop: Workshop
    memory: Memory
    machine: str
    """A digest of what is installed, and of what confines examples."""
    used: set[str]
    """Names of the records that this build has a use for."""
    _known: dict[str, str] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)

    def version(self, language: str, setting: Setting, workshop: Workshop) -> str:
        """As `prove.Version`."""
        asked = (language, setting.requires_python, setting.packages, dict(setting.crates))
        name = f"tool {digests.of(asked)}"
        if name not in self._known:
            self.used.add(name)
            inputs = {"the machine": self.machine}
            found = self.memory.recall(name, inputs) if self.machine else None
            if found is None:
                found = prove.version(language, setting, workshop)
                self.memory.keep(name, inputs, found)
            self._known[name] = found
        return self._known[name]

    def digest(self, tools: tuple[Tool, ...]) -> str:
        """Of the versions of some tools, and of what confines examples."""
        name = repr(tools)
        if name not in self._digests:
            versions = [
                self.version(
                    language, Setting({}, False, asked, packages, dict(crates)), self.workshop
                )
                for language, asked, packages, crates in tools
            ]
            self._digests[name] = digests.of(versions, self.machine)
        return self._digests[name]
