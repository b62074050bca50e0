"""Each colour of code can be read on all that it may stand on, in light and in dark."""

import re

import pytest

from press import contrast, highlight
from tests.conftest import REPOSITORY

ASSETS = REPOSITORY / "templates/assets"
HEX = r"#[0-9a-f]{6}"
COLOURS = re.findall(
    rf"(pre code [^{{]*){{ color: light-dark\(({HEX}|currentcolor), ({HEX})\)",
    highlight.stylesheet(),
)


@pytest.mark.parametrize(("one", "other", "ratio"), [
    ("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ff0000", 1.0),
])  # fmt: skip
def test_the_ratio_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast.ratio(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast.ratio(other, one) == contrast.ratio(one, other)


def test_a_colour_that_can_be_read_stays() -> None:
    assert contrast.readable("#8a3412", ("#ffffff",)) == "#8a3412"
    with pytest.raises(ValueError, match="nothing can be read"):
        contrast.readable("#777777", ("#ffffff", "#000000"))


def declared(file: str, name: str) -> set[str]:
    """All colours that a stylesheet gives a custom property."""
    text = (ASSETS / file).read_text()
    return {
        colour
        for rule in re.findall(rf"--{name}:([^;]*);", text)
        for colour in re.findall(HEX, rule)
    }


def test_the_backgrounds_are_those_of_the_stylesheets() -> None:
    known = {name: set(pair) for name, pair in highlight.BACKGROUNDS.items()}
    assert known.pop("code") == declared("style.css", "code")
    assert known == {name: declared("content.css", f"{name}-line") for name in known}


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
def test_each_class_can_be_read_on_each_background(which: int) -> None:
    assert len(COLOURS) > 10
    ink = max(
        declared("style.css", "ink"),
        key=lambda colour: contrast.ratio(colour, highlight.BACKGROUNDS["code"][which]),
    )
    for selector, *pair in COLOURS:
        colour = ink if pair[which] == "currentcolor" else pair[which]
        for name, backgrounds in highlight.BACKGROUNDS.items():
            assert contrast.ratio(colour, backgrounds[which]) >= 4.5, (selector, name)


def test_every_class_that_pygments_emits_has_its_colour() -> None:
    shown = "".join(highlight.lines('def f(a: int) -> str:\n    return f"{a!r}" # 1\n', "python"))
    listed = set(re.findall(r"\.(\w+)", highlight.stylesheet()))
    assert set(re.findall(r'class="(\w+)"', shown)) - {"w"} <= listed
