"""How many posts a second the app answers, each of which lasts, against a bare Flask view.

    python bench/subscribing.py [--seconds 60] [--rate 500] [--postgresql] [--json]

With PostgreSQL two processes share the ledger, and the rate.

wrk (Debian's) asks over loopback, so it takes its share of the same cores: first for as much as a
bare view of Flask answers under the same waitress, then for as much as the app does, then for a
rate that is held. Afterwards each post that was answered is looked for in the ledger, once.
"""

import argparse
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))

from newsletter import place  # noqa: E402
from newsletter.store.database import open_ledger  # noqa: E402
from tests.newsletter import ledgers, postgres  # noqa: E402
from tests.newsletter.conftest import make_series  # noqa: E402
from tests.newsletter.web.serving import free_port, served  # noqa: E402

BARE = """\
import sys
from flask import Flask, request
from waitress import serve
app = Flask("bare")
@app.post("/subscribe")
def subscribe():
    return "<p>" + str(len(request.form["email"])) + "</p>" + " " * 1600
serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=64)
"""
WRK = """\
local thread_number = 0
function setup(thread)
  thread:set("me", thread_number); thread_number = thread_number + 1
end
local number = 0
local run = os.getenv("RUN") or ""
local function pause()
  local every = tonumber(os.getenv("EVERY") or "0")
  return math.floor(every * (0.5 + math.random()))
end
function delay() return pause() end
function request()
  number = number + 1
  local body = "form=series&wording=1&email=a" .. run .. me .. "-" .. number .. "%40example.org"
  return wrk.format("POST", "/subscribe",
    {["Content-Type"] = "application/x-www-form-urlencoded", ["Host"] = os.getenv("NAME")}, body)
end
function done(summary, latency)
  io.write(string.format(
    '{"requests": %d, "us": %d, "p50": %.3f, "p99": %.3f, "max": %.3f, "errors": %d}\\n',
    summary.requests, summary.duration, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, latency.max / 1000, summary.errors.status +
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
"""
LIMITS = "\n[newsletter.serve]\nposts-a-minute = 100000000\n"


def ask(
    ports: Sequence[int], seconds: float, connections: int, every_ms: int = 0
) -> dict[str, float]:
    """What wrk measured at each port at once, in all; with `every_ms`, each connection asks about
    so often. All are called by the first one's name."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(WRK)
        script.flush()
        running = [
            subprocess.Popen(
                ["wrk", "-t1", f"-c{connections // len(ports)}", f"-d{seconds:g}s",
                 "-s", script.name, f"http://127.0.0.1:{port}"],
                stdout=subprocess.PIPE, text=True,
                env={**os.environ, "EVERY": str(every_ms), "NAME": f"127.0.0.1:{ports[0]}",
                     "RUN": f"{port}-{secrets.token_hex(3)}-"},
            )
            for port in ports
        ]  # fmt: skip
        said = [one.communicate()[0] for one in running]
    found = [json.loads(re.findall(r"^\{.*\}$", text, re.MULTILINE)[-1]) for text in said]
    total = {name: sum(one[name] for one in found) for name in ("requests", "errors")}
    worst = {name: max(one[name] for one in found) for name in ("us", "p50", "p99", "max")}
    return {**total, **worst, "rate": total["requests"] / worst["us"] * 1e6}


def bare(seconds: float) -> dict[str, float]:
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", BARE, str(port)]) as process:
        try:
            subprocess.run(
                ["curl", "-s", "--retry", "20", "--retry-connrefused", "--retry-delay", "1",
                 "-d", "email=x", f"http://127.0.0.1:{port}/subscribe"],
                check=True, capture_output=True,
            )  # fmt: skip
            return ask([port], seconds, 64)
        finally:
            process.kill()


def kept(root: Path, url: str) -> Counter[str]:
    """How often each post is in the ledger, by address or the name that stands for it."""
    database = open_ledger(url or place.of_author(root).ledger)
    try:
        rows = ledgers.everything(database)["ask"]
    finally:
        database.close()
    return Counter(row["email"] or row["name"] for row in rows)


def measure(root: Path, seconds: float, rate: int, url: str) -> dict[str, Any]:
    series = make_series(root, url)
    series.database.close()
    ports = [free_port() for _ in range(2 if url else 1)]
    toml = root / "series.toml"
    toml.write_text(f'{toml.read_text()}app-url = "http://127.0.0.1:{ports[0]}"\n{LIMITS}')
    environment = {"PROOFPRESS_LEDGER": url} if url else {}
    connections = 200
    with ExitStack() as stack:
        for port in ports:
            stack.enter_context(served(root, port, **environment))
        at_most = ask(ports, min(seconds, 10), 64)
        before = sum(kept(root, url).values())
        # The same rate as a crowd makes it: each of many asks, and takes its time.
        every = int(connections / (1.05 * rate) * 1000) - 15  # but for the answer itself
        held = ask(ports, seconds, connections, every)
        counts = kept(root, url)
    doubled = sum(count - 1 for count in counts.values())
    unanswered = connections  # what was on its way when wrk ended may be there as well
    lost = held["requests"] + before - sum(counts.values())
    beyond = max(-lost - unanswered, 0)
    return {
        "at most": at_most, "held": held, "lost": max(lost, 0), "doubled": max(doubled, beyond),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(postgres.cluster()).database() if options.postgresql else ""
        found = {
            "bare": bare(min(options.seconds, 10)),
            **measure(root, options.seconds, options.rate, url),
        }
    if options.json:
        print(json.dumps(found))
        return
    print(f"a bare view   {found['bare']['rate']:7,.0f} a second")
    rate = found["at most"]["rate"]
    print(f"the app       {rate:7,.0f} a second, {rate / found['bare']['rate']:.2f} of that")
    held = found["held"]
    print(f"held          {held['rate']:7,.0f} a second for {held['us'] / 1e6:.0f} s: "
          f"p50 {held['p50']:.1f} ms, p99 {held['p99']:.1f} ms, at most {held['max']:.1f} ms, "
          f"{held['errors']:.0f} errors")  # fmt: skip
    print(f"in the ledger: {found['lost']:.0f} lost, {found['doubled']:.0f} doubled")


if __name__ == "__main__":
    main()
