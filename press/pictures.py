"""The images that an article shows, of the files beside it."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from msgspec.structs import replace

from press import images, links, scaling
from press.images import Picture
from press.model import Fragment, Manuscript
from press.problems import Code, Problem


def of(
    article: Manuscript, fragment: Fragment, cache: Path
) -> tuple[dict[str, Picture], list[Problem]]:
    """Path in the site -> what there is to know of each image that can be shown; and problems."""
    found: dict[str, Picture] = {}
    problems: list[Problem] = []
    own = dict.fromkeys(images.sources(fragment.html))
    for href in {**own, **dict.fromkeys(images.instead(fragment.html))}:
        name = links.own_file(href, article)
        if name is None:
            continue
        try:
            if known := scaling.picture(name, article.files[name], cache):
                shown = known if href in own else replace(known, smaller={})
                found[f"{article.slug}/{name}"] = shown
        except scaling.Broken as broken:
            message = f"`{name}` can't be shown: {broken}"
            problems += links.problems_at(href, article, Code.BAD_IMAGE, message, "save it again")
    return found, problems


def smaller(pictures: Mapping[str, Picture]) -> dict[str, bytes]:
    """Path in the site -> content, of each image that was made smaller."""
    return {
        images.address(path, width): content
        for path, picture in pictures.items()
        for width, content in picture.smaller.items()
    }


def described(html: str, pictures: Mapping[str, Picture]) -> str:
    """A page's HTML, with what is known of its images."""
    by_address = {quote(path): picture for path, picture in pictures.items()}
    return images.described(html, by_address.get)
