"""The way of a new user: a folder, a web server that shows what is deployed, an SMTP server."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.conftest import REPOSITORY, Publication
from tests.newsletter.emulator.relay import Relay
from tests.newsletter.web import serving as app
from tests.press.previewing import Client
from tests.press.targets.folder import tree
from tests.press.worlds import Web, serving, shows

READER = "reader@example.org"
START = ("start", "--yes", "--title", "Two Languages", "--author", "An Author", "--url")
PATH = "content/001-adding-up.md"
RIGHT = "6"
RUST = shutil.which("rustc") is not None
LENIENT = () if RUST else ("--not-proven",)
"""Where nothing can run what is written in Rust, an author says that it may pass."""
FIRST = (*LENIENT, "--announce", "adding-up", "--confirm", "1")

ARTICLE = """\
---
title: "Adding Up"
date: 2020-01-01
description: "How numbers are added up in both languages."
---

Both of them add up what they are given.

```python
print(sum([1, 2, 3]))
```

```output
{python}
```

```rust beside
println!("{{}}", [1, 2, 3].iter().sum::<i32>());
```

```output
{rust}
```
"""
LINES = {"python": 13, "rust": 21}
"""Where the output of an example is."""

TABLES = """
[deploy]
target = "folder"
path = "www"
wait = 0

[newsletter]
from = "Two Languages <series@example.org>"
reply-to = "author@example.org"
postal-address = "1 Example Street, Exampletown"
app-url = "{app}"
provider = "smtp"

[newsletter.smtp]
host = "127.0.0.1"
port = "{smtp}"
security = "none"
"""


@dataclass(frozen=True)
class Walk:
    publication: Publication
    web: Web
    relay: Relay
    app: str

    @property
    def root(self) -> Path:
        return self.publication.root

    def run(self, *args: str, status: int = 0) -> str:
        done = self.publication.run(*args)
        said = done.stdout + done.stderr
        assert done.returncode == status, said
        assert "Traceback" not in said
        return said

    def publish(self, *args: str, status: int = 0) -> str:
        return self.run("publish", *args, status=status)

    def write(self, **outputs: str) -> None:
        """Save the article, whose examples show these outputs, or the right ones."""
        text = ARTICLE.format(**{"python": RIGHT, "rust": RIGHT, **outputs})
        self.publication.write(PATH, text)

    def settle_where_it_goes(self) -> None:
        with (self.root / "series.toml").open("a") as file:
            file.write(TABLES.format(app=self.app, smtp=self.relay.port))

    def told(self) -> list[tuple[str, str]]:
        """Whom the SMTP server has accepted mail for, and its subject."""
        return [(one.recipient, one.subject) for one in self.relay.accepted]

    @property
    def shown(self) -> Path:
        return self.root / "www/current"

    def is_whole(self) -> bool:
        """Whether what is shown is what was built."""
        return tree(self.shown) == tree(self.root / "site")

    @contextmanager
    def served(self) -> Iterator[None]:
        """While the web server is up, and the one at which subscribers leave."""
        ports = [urlsplit(url).port or 0 for url in (self.web.url, self.app)]
        with (
            serving(shows(self.web), ports[0]),
            app.served(self.root, ports[1], PROOFPRESS_KEYS="k" * 32),
        ):
            yield

    @contextmanager
    def previewed(self) -> Iterator[Client]:
        """While a preview runs; it is killed at the end."""
        process = subprocess.Popen(
            [sys.executable, str(REPOSITORY / "build.py"), "preview", "--port", "0"],
            cwd=self.root, env=self.publication.environment, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            assert process.stdout
            yield Client(urlsplit(process.stdout.readline().strip()).port or 0)
        finally:
            process.kill()
            process.communicate()


@contextmanager
def walk(folder: Path) -> Iterator[Walk]:
    """One that begins in a folder; nothing of it is served yet."""
    web = Web(folder / "www/current", f"http://127.0.0.1:{app.free_port()}")
    with Relay() as relay:
        yield Walk(Publication(folder), web, relay, f"http://127.0.0.1:{app.free_port()}")


def begin(made: Walk) -> None:
    """As far as there is an article that nobody has published, and where it is to go is said."""
    made.run(*START, made.web.url)
    made.write()
    made.settle_where_it_goes()
