"""With what examples run here: asked once for each state of the machine."""

from msgspec import Struct, field

from press import digests, prove
from press.gist import Tool
from press.memory import TEXT, Memory
from press.model import Setting, Workshop


class Tools(Struct):
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
        name = _name(language, setting)
        if name not in self._known:
            self.used.add(name)
            inputs = {"the machine": self.machine}
            found = self.memory.recall(name, inputs, TEXT) if self.machine else None
            if found is None:
                found = prove.version(language, setting, workshop)
                self.memory.keep(name, inputs, found)
            self._known[name] = found
        return self._known[name]

    def digest(self, tools: tuple[Tool, ...]) -> str:
        """Of the versions of some tools, and of what confines examples."""
        name = repr(tools)
        if name not in self._digests:
            versions = [self.version(*_asked(tool), self.workshop) for tool in tools]
            self._digests[name] = digests.of(versions, self.machine)
        return self._digests[name]

    def doubt(self, tools: tuple[Tool, ...]) -> bool:
        """Ask the next time again for what may be had then: a package or crate comes by network.

        Returns whether there is any such.
        """
        doubtful = [tool for tool in tools if any(tool[1:])]
        for tool in doubtful:
            self.memory.drop(_name(*_asked(tool)))
        return bool(doubtful)


def _asked(tool: Tool) -> tuple[str, Setting]:
    language, versions, packages, crates = tool
    setting = Setting(requires_python=versions, packages=packages, crates=dict(crates))
    return language, setting


def _name(language: str, setting: Setting) -> str:
    asked = (language, setting.requires_python, setting.packages, dict(setting.crates))
    return f"tool {digests.of(asked)}"
