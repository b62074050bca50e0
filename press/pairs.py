"""Which fences are shown together: an example with its output, and examples beside one another."""

from collections.abc import Iterator, Sequence

from press.model import Fence
from press.words import Words

Side = list[Fence]
"""A fence, and the `output` fences under it."""


def groups(run: Sequence[Fence]) -> list[list[Side]]:
    """The fences that nothing stands between, as groups of sides; most groups have one side."""
    found: list[list[Side]] = []
    for fence in run:
        if found and fence.language == "output":
            found[-1][-1].append(fence)
        elif found and "beside" in fence.options:
            found[-1].append([fence])
        else:
            found.append([[fence]])
    return found


def alone(runs: Sequence[Sequence[Fence]]) -> Iterator[Fence]:
    """The fences that say `beside` and have nothing that they could stand beside."""
    for run in runs:
        for index, fence in enumerate(run):
            if "beside" in fence.options and (index == 0 or fence.language == "output"):
                yield fence


def proven_as(language: str) -> str:
    """The language of a side: a session is in that of its statements."""
    return {"pycon": "python", "": "text"}.get(language, language)


def caption(fence: Fence, words: Words) -> str:
    """What stands above a fence; empty for nothing."""
    named = fence.options.get("title") or fence.options.get("file", "")
    return named or (words.gettext("Output") if fence.language == "output" else "")
