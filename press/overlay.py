"""What a preview puts into the pages that it serves: its mark, what is wrong, and a script.

None of it is in what is built. Problems say what articles say, so all of it is escaped (Jinja2).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from html import escape

from press import hosting, livereload, render
from press.rebuilding import Result
from press.root import OURS

FOLDER = OURS / "preview"
HOME = "/__/"
MOST = 50
"""Problems that are shown in a page; the terminal has all of them."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; frame-src 'self'; form-action 'none'; base-uri 'none'"
)
OWN = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""The headers of the preview's own pages."""


def page(
    template: str, values: Mapping[str, object], result: Result, state: livereload.State
) -> hosting.Served:
    """A page of the preview's own, with what every page has of it."""
    html = render.text(FOLDER, template, {"home": HOME, "base": result.base, **values})
    content = inserted(html.encode(), state, panel(result, None))
    return hosting.Served(content, "text/html; charset=utf-8", more=OWN)


def panel(result: Result, name: str | None) -> str:
    """What is shown over a page of the site, or over any other, in HTML."""
    values = {
        "home": HOME,
        "held": next((one for one in result.held if one.page == name), None),
        "waiting": result.waiting.get(name or "", 0),
        "problems": result.problems[:MOST],
        "count": len(result.problems),
        "has_site": result.files is not None,
    }
    return render.text(FOLDER, "panel.html", values)


def told(state: livereload.State, shown: str) -> dict[str, object]:
    """What a page compares: its own state, and that of what is shown over it."""
    return {**asdict(state), "panel": sha256(shown.encode()).hexdigest()[:16]}


def inserted(html: bytes, state: livereload.State, shown: str) -> bytes:
    """A page with what is shown over it."""
    known = escape(json.dumps(told(state, shown)))
    head = (
        f'<link rel="stylesheet" href="{HOME}preview.css">\n'
        f'<script defer src="{HOME}preview.js" data-state="{known}"></script>\n'
    ).encode()
    html = _before(html, b"</head>", head)
    return _before(
        html, b"</body>", f'<div id="page:preview">\n{shown}</div>\n'.encode(), last=True
    )


def _before(html: bytes, tag: bytes, more: bytes, *, last: bool = False) -> bytes:
    """HTML with more of it before a tag, or at its end where it has no such tag."""
    place = html.rfind(tag) if last else html.find(tag)
    place = len(html) if place < 0 else place
    return html[:place] + more + html[place:]
