"""How long it takes from saving an article to its page in a browser, with `build.py preview`.

    python bench/preview.py [--n ARTICLES] [--rounds N] [--proofs FILE] [--json]

Each round writes one article of a series with some more words, waits for the event that a browser
gets, asks for the state of the page as a browser does, and fetches the page, which has to have the
words. The build that follows, of all that tells of the article elsewhere, is told apart. Examples
have run before; `--proofs` has the `proofs` of such a run, which saves the time for it.
"""

import argparse
import http.client
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from queue import Queue
from threading import Thread

sys.path.insert(0, str(Path(__file__).parent.parent))
from press import preview, rebuilding  # ours, whatever is installed

CORPUS = Path(__file__).parent / "corpus.py"
SERIES = """\
title = "A Series"
url = "https://example.org/series"
id = "tag:example.org,2026:series"
author = "An Author"
language = "en"
description = "What it is about."
"""


class Timed:
    """A builder that tells how long each build took."""

    def __init__(self, builder: rebuilding.Builder) -> None:
        self._builder = builder
        self.url = builder.url
        self.prove = builder.prove
        self.ahead = builder.ahead
        self.stands = builder.stands
        self.close = builder.close
        self.built: Queue[float] = Queue()
        """The seconds of each build, when it has ended."""

    def build(self, now: datetime, *, index: bool) -> rebuilding.Result:
        start = time.perf_counter()
        try:
            return self._builder.build(now, index=index)
        finally:
            self.built.put(time.perf_counter() - start)


def publication(folder: Path, count: int, proofs: Path | None) -> None:
    command = [sys.executable, str(CORPUS), "--n", str(count), "--out", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (folder / "series.toml").write_text(SERIES)
    if proofs:
        (folder / ".cache").mkdir()
        shutil.copy(proofs, folder / ".cache/proofs")


def get(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("GET", path)
    content = connection.getresponse().read()
    connection.close()
    return content


def rounds(root: Path, count: int, take: Callable[[float, float], None]) -> None:
    """`take` is told the seconds of each round, and those of the build in it."""
    made = preview.of(root, drafts=True, tell=lambda _: None)
    made.builder = builder = Timed(made.builder)
    with preview.served(made, 0) as server:
        Thread(target=made.prove_on, daemon=True).start()
        port = server.server_port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        connection.request("GET", "/__events")
        events = connection.getresponse()
        articles = sorted((root / "content").rglob("*.md"))
        article = articles[len(articles) // 2]
        text = article.read_text()
        settle(port, events)
        while not builder.built.empty():
            builder.built.get()
        page = next(one for one in made.files if one.endswith(".html") and one[:-5] in str(article))
        for number in range(count):
            words = f"Saved in round {number}."
            start = time.perf_counter()
            article.write_text(f"{text}\n{words}\n")
            while True:
                while not events.readline().startswith(b"data: "):
                    pass
                get(port, f"/__state{made.base}{page}")
                if words.encode() in get(port, f"{made.base}{page}"):
                    break
            seconds = time.perf_counter() - start
            take(seconds, builder.built.get(timeout=600))


def settle(port: int, events: http.client.HTTPResponse) -> None:
    """Wait until the series is built, and every example has run."""
    while b"None waits to be proven" not in get(port, "/__/"):
        while not events.readline().startswith(b"data: "):
            pass


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure a preview.")
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--proofs", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    whole: list[float] = []
    builds: list[float] = []

    def take(seconds: float, building: float) -> None:
        whole.append(seconds)
        builds.append(building)

    with tempfile.TemporaryDirectory() as folder:
        publication(Path(folder), options.n, options.proofs)
        rounds(Path(folder), options.rounds, take)
    found = {
        "articles": options.n,
        "saved to fetched, ms": statistics.median(whole) * 1000,
        "the longest of them, ms": max(whole) * 1000,
        "the build that follows, ms": statistics.median(builds) * 1000,
    }
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:36} {value:8.1f}")


if __name__ == "__main__":
    main()
