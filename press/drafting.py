"""Starts the next article of a series."""

import json
from datetime import datetime
from pathlib import Path

from slugify import slugify

from press import config, fields, source
from press.problems import Code, Problem, ProblemsFound

DRAFT = """\
---
title: {title}
date: {date}
description: {description}
tags: []
id: {slug}
draft: true
---

The first paragraph says what a reader will be able to do.

## The first section

```python
print("every example runs before it is published")
```

```output
every example runs before it is published
```
"""

# What would be lost from titles about code.
WORDS = [("C++", "cpp"), ("C#", "csharp"), ("F#", "fsharp"), ("&", "and"), ("'", ""), ("’", "")]


def start(root: Path, title: str, now: datetime) -> str:
    """Write the draft of a new article; its path from the root. Raises ProblemsFound."""
    settings = config.load(root)
    slug = slugify(title, replacements=WORDS, max_length=60, word_boundary=True)
    try:
        title = fields.text(title)
        fields.slug(slug)
    except fields.Wrong as error:
        message = f"no slug can be made of the title `{title}`: it {error}"
        raise ProblemsFound([Problem("new", 0, 0, Code.BAD_INPUT, message)]) from None
    path = f"{source.FOLDER}/{_next_number(root, slug)}-{slug}.md"
    draft = DRAFT.format(
        title=json.dumps(title, ensure_ascii=False),
        date=now.astimezone(settings.timezone).strftime("%Y-%m-%d"),
        description='"What the article is about, in one sentence."',
        slug=json.dumps(slug),  # `null` and `2026` are no texts to YAML
    )
    try:
        (root / source.FOLDER).mkdir(exist_ok=True)
        with (root / path).open("x", encoding="utf-8", newline="\n") as file:
            file.write(draft)
    except OSError as error:
        message = f"can't write this: {error.strerror}"
        raise ProblemsFound([Problem(path, 0, 0, Code.UNREADABLE, message)]) from None
    return path


def _next_number(root: Path, slug: str) -> str:
    """One more than the highest, with as many digits as its series has."""
    files, problems = source.entries(root) if (root / source.FOLDER).exists() else ([], [])
    if problems:
        raise ProblemsFound(problems)
    for file in files:
        if file.stem.partition("-")[2] == slug:
            message, hint = f"there is an article `{slug}` already", "choose another title"
            raise ProblemsFound([Problem(file.path, 0, 0, Code.DUPLICATE, message, hint)])
    names = [match["number"] for file in files if (match := source.NAME.fullmatch(file.stem))]
    width = max([3, *map(len, names)])
    return f"{max([-1, *map(int, names)]) + 1:0{width}}"
