"""What a page may load and do, as a Content-Security-Policy (w3.org/TR/CSP3): decided here."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlsplit

from press.config import Config

WASM = "'wasm-unsafe-eval'"
"""Lets a page compile WebAssembly: the search, and Python in the browser."""


def of_page(config: Config, data: str = "", *, wasm: bool = False) -> str:
    """For a page's own `<meta>`, so that it holds on hosts that send no headers.

    It names the hash of the `data` in its `<script>`: browsers run no data, and so don't ask for
    it, but checkers do.
    """
    directives = _directives(config, wasm=wasm)
    if data:
        digest = b64encode(sha256(data.encode()).digest()).decode()
        directives["script-src"] += f" 'sha256-{digest}'"
    return _written(directives)


def of_host(config: Config) -> str:
    """For the header of all files: what any page may do, as each narrows it for itself.

    Some hosts send the headers of each rule that fits, and a browser then holds to all of them.
    """
    # A <meta> can't say this.
    return _written({**_directives(config, wasm=True), "frame-ancestors": "'none'"})


def _directives(config: Config, *, wasm: bool) -> dict[str, str]:
    return {
        "default-src": "'none'",
        "script-src": f"'self' {WASM}" if wasm else "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": _form_target(config),
        "base-uri": "'none'",
    }


def _form_target(config: Config) -> str:
    """The origin that the form for subscribing goes to."""
    address = config.newsletter.subscribe_url if config.newsletter else ""
    if not address:
        return "'self'"
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _written(directives: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in directives.items())
