"""What a page is about, for search engines: JSON-LD in the words of schema.org."""

import json
import re
from collections.abc import Sequence
from typing import Any

from press.config import Config
from press.model import Article, Change

CONTEXT = "https://schema.org"

# None of these may end the element that holds the text, nor open a comment in it (HTML, 4.12.1.3).
# U+2028 and U+2029 were line breaks to scripts of old.
UNSAFE = re.compile("[<>&\u2028\u2029]")


def article(config: Config, one: Article, position: int, url: str, image: str) -> str:
    """An article, with its place in the series, counted from 1."""
    return _written(
        {
            "@type": "TechArticle",
            "headline": one.title,
            "description": one.description,
            "url": url,
            "mainEntityOfPage": url,
            "image": image,
            "datePublished": one.date.isoformat(),
            "dateModified": one.updated.isoformat(),
            "author": _people(one.authors),
            "keywords": list(one.tags),
            "inLanguage": config.language,
            "correction": [_correction(change) for change in one.corrections],
            "isPartOf": _series(config),
            "position": position,
        }
    )


def _correction(change: Change) -> dict[str, Any]:
    """What was wrong (https://schema.org/correction)."""
    date = change.date.isoformat()
    return {"@type": "CorrectionComment", "text": change.note, "datePublished": date}


def series(config: Config, image: str) -> str:
    return _written(
        {
            **_series(config),
            "description": config.description,
            "image": image,
            "author": _people([config.author]),
            "inLanguage": config.language,
        }
    )


def _series(config: Config) -> dict[str, Any]:
    return {"@type": "CreativeWorkSeries", "name": config.title, "url": f"{config.url}/"}


def _people(names: Sequence[str]) -> list[dict[str, str]]:
    return [{"@type": "Person", "name": name} for name in names]


def _written(thing: dict[str, Any]) -> str:
    """As JSON that can stand in a `<script>`; what is empty is left out."""
    said = {name: value for name, value in thing.items() if value not in ("", [])}
    text = json.dumps({"@context": CONTEXT, **said}, ensure_ascii=False)
    return UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
