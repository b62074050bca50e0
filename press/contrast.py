"""How well a colour can be read on another (WCAG 2.2, contrast ratio); colours are `#rrggbb`."""

from functools import lru_cache

ENOUGH = 4.5
"""The least ratio for text (success criterion 1.4.3)."""
STEPS = 40


def ratio(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=512)
def readable(colour: str, backgrounds: tuple[str, ...]) -> str:
    """The colour, moved towards black or white as far as all the backgrounds need it."""
    dark = _luminance(backgrounds[0]) < 0.5
    for step in range(STEPS + 1):
        moved = _mixed(colour, "#ffffff" if dark else "#000000", step / STEPS)
        if all(ratio(moved, background) >= ENOUGH for background in backgrounds):
            return moved
    raise ValueError(f"nothing can be read on all of {', '.join(backgrounds)}")


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (number / 255 for number in _numbers(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(colour: str, other: str, part: float) -> str:
    pairs = zip(_numbers(colour), _numbers(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def _numbers(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
