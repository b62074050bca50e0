"""What an answer is: a page for a browser, JSON for a client that asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Request, Response
from jinja2 import Environment

from press import render, words
from press.config import Config
from press.root import OURS

FOLDER = "templates/app"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, before it is known to whom."""

    word: str
    """What came of it, for a client."""
    template: str
    status: int = 200
    values: Mapping[str, Any] = field(default_factory=dict)
    """What the template is given."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What a client is told besides."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pages:
    """Makes answers of replies, by the templates of the site and of the app."""

    config: Config
    env: Environment
    _fixed: dict[str, str] = field(default_factory=dict)
    """Template -> the page that it always makes, of those that are given nothing of their own."""

    def answer(self, reply: Reply, request: Request) -> Response:
        if wants_json(request):
            made = Response(_json({"status": reply.word, **reply.data}), reply.status)
            made.mimetype = "application/json"
        else:
            made = Response(self.html(reply), reply.status, mimetype="text/html")
        made.headers.update(reply.headers)
        return made

    def html(self, reply: Reply) -> str:
        if not reply.values and reply.template in self._fixed:
            return self._fixed[reply.template]
        values = {
            "series": self.config,
            "root": f"{self.config.url}/",
            "path": "",
            **reply.values,
        }
        made = self.env.get_template(reply.template).render(values)
        if not reply.values:
            self._fixed[reply.template] = made
        return made


def _json(document: Mapping[str, Any]) -> str:
    import json

    return json.dumps(document, ensure_ascii=False) + "\n"


def wants_json(request: Request) -> bool:
    """Whether a client prefers JSON; who sends some is answered with some."""
    if request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def pages(root: Path, config: Config) -> Pages:
    ours = OURS
    folders = [root / FOLDER, root / "templates/site", ours / "app", ours / "site"]
    return Pages(config, render.environment(folders, words.of(root, config.language)))
