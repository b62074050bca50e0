"""The app, for any WSGI server: which address is answered by what.

GET and HEAD change nothing: whatever opens the links of a mail before its reader does, no row is
another one afterwards.
"""

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from newsletter.web import admin, choosing, coming, going, guard, telling, watching
from newsletter.web.desk import Desk, Visit, log, text
from newsletter.web.replies import Reply
from press.problems import ProblemsFound
from press.root import OURS

View = Callable[[Visit], Reply]

ROUTES: tuple[tuple[str, str, View | Reply], ...] = (
    ("GET", "/subscribe", coming.form),
    ("POST", "/subscribe", coming.subscribe),
    ("GET", "/confirm/<secret>", coming.show_confirm),
    ("POST", "/confirm/<secret>", coming.confirm),
    ("GET", "/unsubscribe/<secret>", going.BUTTON),
    ("POST", "/unsubscribe/<secret>", going.leave),
    ("GET", "/preferences", choosing.FORM),
    ("POST", "/preferences", choosing.ask_in),
    ("GET", "/settings/<secret>", choosing.show),
    ("POST", "/settings/<secret>", choosing.enter),
    ("POST", "/settings", choosing.act),
    ("GET", "/moved/<secret>", choosing.show_move),
    ("POST", "/moved/<secret>", choosing.move),
)

LONGEST_SECRET = 200

FOR_MACHINES = frozenset({"health", "metrics"})
"""What may be asked for by any name of ours: nothing in it leads anywhere."""

STYLES = ("style.css", "content.css", "icon.svg")
LASTS = "public, max-age=3600"


def make(desk: Desk, *, with_admin: bool = False) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = guard.LARGEST
    app.config["MAX_FORM_MEMORY_SIZE"] = guard.LARGEST_FORM
    app.config["MAX_FORM_PARTS"] = 100
    for method, path, view in ROUTES:
        app.add_url_rule(path, f"{method} {path}", _answering(desk, view), methods=[method])
    app.add_url_rule("/healthz", "health", lambda: watching.health(desk))
    app.add_url_rule("/metrics", "metrics", lambda: _guarded(desk, watching.metrics))
    telling.serve(app, desk)
    if with_admin:
        taps = guard.Taps(admin.TRIES)
        app.add_url_rule("/admin", "admin", lambda: _administered(desk, taps))
    _serve_styles(app, desk)
    app.before_request(lambda: _refused(desk, urlsplit(desk.newsletter.app_url).netloc.lower()))
    app.after_request(_with_headers)
    app.register_error_handler(HTTPException, lambda error: _http_error(desk, error))
    app.register_error_handler(ProblemsFound, lambda error: _ledger_error(desk, error))
    if proxies := desk.options.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    return app


def _answering(desk: Desk, view: View | Reply) -> Callable[..., Response]:
    def answer(secret: str = "") -> Response:
        reply = (
            view
            if isinstance(view, Reply)
            else view(Visit(desk, request, text(secret, LONGEST_SECRET)))
        )
        return desk.pages.answer(reply, request)

    return answer


def _guarded(desk: Desk, view: Callable[[Desk], Response]) -> Response:
    if not watching.is_allowed(request):
        return _error(desk, 404)
    return view(desk)


def _administered(desk: Desk, taps: guard.Taps) -> Response:
    status = admin.refusal(request, taps)
    return _error(desk, status) if status else _answering(desk, admin.page)()


def _serve_styles(app: Flask, desk: Desk) -> None:
    """The files that our pages look by, of the publication or ours, as they are now."""
    folders = [desk.root / "templates/assets", OURS / "assets"]
    for name in STYLES:
        content = next((one / name).read_bytes() for one in folders if (one / name).is_file())
        tag = sha256(content).hexdigest()[:32]
        kind = "image/svg+xml" if name.endswith(".svg") else "text/css"
        app.add_url_rule(f"/assets/{name}", name, _asset(content, kind, tag))


def _asset(content: bytes, kind: str, tag: str) -> Callable[[], Response]:
    def answer() -> Response:
        made = Response(content, mimetype=kind, headers={"Cache-Control": LASTS})
        made.set_etag(tag)
        return made.make_conditional(request)  # type: ignore[return-value]

    return answer


def _refused(desk: Desk, host: str) -> Response | None:
    """What is answered at once: another host's name, too much, too often, from another page."""
    if request.endpoint in FOR_MACHINES:
        return None
    if request.headers.get("Host", "").lower() != host:
        return _error(desk, 421)
    if request.method != "POST" or request.endpoint == telling.ENDPOINT:
        return None
    if (request.content_length or 0) > guard.LARGEST_FORM:
        return _error(desk, 413)
    if not _is_from_a_page_of_ours(desk):
        return _error(desk, 403)
    if not desk.taps.opens(guard.network(request.remote_addr or ""), time.monotonic()):
        return _error(desk, 429)
    return None


def _is_from_a_page_of_ours(desk: Desk) -> bool:
    """Whether a browser, which says so, was not sent by a page of somebody else.

    Who has no page sends no origin: a mail program that unsubscribes, or a client.
    """
    given = request.headers.get("Origin")
    if given is None or request.endpoint == "POST /unsubscribe/<secret>":
        return True
    ours = [guard.origin(desk.newsletter.app_url)]
    if request.endpoint == "POST /subscribe":
        ours.append(guard.origin(desk.config.url))
    return given.lower() in ours


def _with_headers(response: Response) -> Response:
    for name, value in guard.HEADERS.items():
        response.headers.setdefault(name, value)
    return response


WORDS = {
    401: "a token is needed", 403: "from another page", 404: "not found", 413: "too large",
    421: "another host", 429: "too often", 503: "not now",
}  # fmt: skip


def _error(desk: Desk, status: int) -> Response:
    more = {401: {"WWW-Authenticate": admin.CHALLENGE}, 429: {"Retry-After": "60"}}
    word = WORDS.get(status, "not understood")
    reply = Reply(word, "fault.html", status, {"status": status}, headers=more.get(status, {}))
    return desk.pages.answer(reply, request)


def _http_error(desk: Desk, error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    made = _error(desk, error.code)
    if allowed := getattr(error, "valid_methods", None):
        made.headers["Allow"] = ", ".join(sorted(allowed))
    return made


def _ledger_error(desk: Desk, error: ProblemsFound) -> Response:
    log.error("%s", error)
    return _error(desk, 503)
