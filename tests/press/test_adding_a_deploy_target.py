"""The target that the guide writes: it works, with a server that does what the guide says of it."""

from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

from press.deploy import Difference
from press.problems import ProblemsFound
from tests.press.targets import ignore, shown, staged
from tests.press.test_targets import FIRST, SECOND
from tests.press.worlds import serving
from tests.structure.test_docs import tokens

TOKEN = "a-secret"


@pytest.fixture
def pier() -> ModuleType:
    [block] = [
        token.content
        for token in tokens("docs/adding-a-deploy-target.md")
        if token.type == "fence" and token.info.startswith("python")
    ]
    made = ModuleType("press.deploy.pier")
    exec(compile(block, "pier.py", "exec"), made.__dict__)
    return made


@pytest.fixture
def held(pier: ModuleType) -> Iterator[dict[str, bytes]]:
    files: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            path = unquote(self.path).removeprefix("/my-series/")
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            rows = [f"{sha256(one).hexdigest()} {name}\n" for name, one in files.items()]
            body = "".join(rows).encode() if self.command == "GET" else b""
            if self.command == "PUT":
                files[path] = content
            elif self.command == "DELETE":
                del files[path]
            is_known = self.headers["Authorization"] == f"Bearer {TOKEN}"
            self.send_response(200 if is_known else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_DELETE = answer  # noqa: N815  # the library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with serving(Handler) as url:
        pier.__dict__["URL"] = url
        yield files


def test_it_works(pier: ModuleType, held: dict[str, bytes], tmp_path: Path) -> None:
    values = {"berth": "my-series", "keep": ()}
    place = pier.connect(values, tmp_path, {"PIER_TOKEN": TOKEN})
    for files in (FIRST, SECOND, FIRST):
        load = staged(tmp_path, files)
        place.bring(load, place.compare(load), ignore)
        assert place.compare(load) == Difference()
        assert held == shown(load)
    with pytest.raises(ProblemsFound, match="it answers GET with status 401") as error:
        pier.connect(values, tmp_path, {"PIER_TOKEN": "another"}).compare(load)
    assert "another" not in str(error.value)
