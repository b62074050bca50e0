"""Images -> their size, and smaller ones of them, by Pillow; kept in the cache by their content."""

import json
import warnings
from collections.abc import Set
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from press import kept
from press.images import Picture, size_of_svg

FORMATS = {
    ".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".gif": "GIF", ".avif": "AVIF",
}  # fmt: skip
WIDTHS = (480, 800, 1200, 1600)
"""Of smaller images, in pixels: a phone's screen, the page's column, and both for fine screens."""
WORTH_IT = 0.8
"""A smaller image has to have fewer bytes than this part of the next one."""
MOST_PIXELS = 50_000_000
"""A file of a few bytes can say that it has more than the memory."""
SAVING: dict[str, dict[str, Any]] = {
    "PNG": {"optimize": True},
    "JPEG": {"quality": 82, "optimize": True, "progressive": True},
    "WEBP": {"quality": 80, "method": 4},
}
SPARE = 200
"""Files that are kept besides, and three for each that is used: some are of drafts."""
VERSION = "1"
"""Raised when smaller images are made in another way."""


class Broken(ValueError):
    """An image that can't be shown."""


def picture(name: str, content: bytes, cache: Path) -> Picture | None:
    """What there is to know of an image; None for a kind that is left alone. Raises Broken."""
    suffix = Path(name).suffix.lower()
    if suffix == ".svg":
        size = size_of_svg(content)
        return Picture(*size) if size else None
    if suffix not in FORMATS:
        return None
    key = _key(content)
    known = _kept(cache / "images", key)
    if not known:
        known = _made(content, list(dict.fromkeys(FORMATS.values())))
        _keep(cache / "images", key, known)
    return replace(known, kept_as=(f"{key}.json", *(f"{key}-{width}" for width in known.smaller)))


def forget(names: Set[str], cache: Path) -> None:
    """Remove what is kept of images that have not been used for long, but for these files."""
    kept.forget(cache / "images", "*", names, 3 * len(names) + SPARE)


def _key(content: bytes) -> str:
    from PIL import __version__

    return sha256(f"{VERSION} {__version__} ".encode() + content).hexdigest()


def _made(content: bytes, formats: list[str]) -> Picture:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own limit is higher than ours
            with Image.open(BytesIO(content), formats=formats) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise Broken(f"it has more than {MOST_PIXELS:,} pixels")
                image.load()
                moves = getattr(image, "n_frames", 1) > 1
                upright = ImageOps.exif_transpose(image)
                kind = image.format or ""
                smaller = {} if moves else _smaller(upright, kind, len(content))
                return Picture(upright.width, upright.height, smaller)
    except Broken:
        raise
    except Image.DecompressionBombError:
        raise Broken(f"it has more than {MOST_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise Broken("it is no image, or of another kind than its name says") from None
    except Exception as error:  # noqa: BLE001  # a decoder may raise anything
        raise Broken(f"it is damaged: {error}") from None


def _smaller(image: Any, kind: str, size: int) -> dict[int, bytes]:
    if kind not in SAVING:
        return {}
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode not in ("L", "LA", "RGB", "RGBA"):
        return {}
    found: dict[int, bytes] = {}
    for width in sorted((width for width in WIDTHS if width < image.width), reverse=True):
        made = _resized(image, kind, width)
        if len(made) < WORTH_IT * size:
            found[width] = made
            size = len(made)
    return found


def _resized(image: Any, kind: str, width: int) -> bytes:
    from PIL import Image

    height = max(1, round(image.height * width / image.width))
    out = BytesIO()
    image.resize((width, height), Image.Resampling.LANCZOS).save(
        out, kind, icc_profile=image.info.get("icc_profile"), **SAVING[kind]
    )
    return out.getvalue()


def _kept(folder: Path, key: str) -> Picture | None:
    try:
        record = json.loads(kept.read(folder / f"{key}.json") or b"")
        smaller = {}
        for width, digest in record["smaller"].items():
            smaller[int(width)] = kept.read(folder / f"{key}-{width}") or b""
            if sha256(smaller[int(width)]).hexdigest() != digest:
                return None
        return Picture(int(record["width"]), int(record["height"]), smaller)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _keep(folder: Path, key: str, made: Picture) -> None:
    smaller = {str(width): sha256(content).hexdigest() for width, content in made.smaller.items()}
    record = {"width": made.width, "height": made.height, "smaller": smaller}
    for width, content in made.smaller.items():
        kept.write(folder / f"{key}-{width}", content)
    kept.write(folder / f"{key}.json", json.dumps(record).encode())
