"""A built site over loopback, as `preview` serves it; by strict headers if it asks for none."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from press import hosting

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self' https:; base-uri 'none'"
)
"""Of a site that comes without `_headers`. Nothing inline, nothing of others."""
STRICT = ("/*", {"Content-Security-Policy": POLICY, "Cache-Control": "max-age=600"})


@contextmanager
def served(site: Path, base: str = "") -> Iterator[str]:
    """The address of a folder, served below a path; without a slash at its end."""
    host = hosting.Host()
    host.serve(hosting.Folder(site), f"{base}/")
    host.rules = (STRICT, *host.rules)
    with hosting.server(host, 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://{hosting.HOST}:{server.server_port}{base}"
        finally:
            server.shutdown()
            thread.join()
