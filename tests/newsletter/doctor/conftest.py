"""A publication with all that its mail hangs on: a provider, a site, an app, and the DNS."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from threading import Thread

import pytest

from newsletter import doctor, gates
from newsletter.dns import names
from newsletter.finding import Case
from newsletter.web import stamps
from press import config, manifest
from press.findings import Finding, Health
from press.manifest import Manifest
from tests.conftest import SERIES
from tests.newsletter.conftest import SERIES_ENTRY, Told, entry
from tests.newsletter.doctor.zone import Zone
from tests.newsletter.emulator import Asking, Reply
from tests.newsletter.emulator.wire import Answer, Server

PAGE = b"<p>the page, as it was built</p>"
BUTTON = b'<form method="post"><button>Leave</button></form>'
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LEAVE = f"/unsubscribe/{gates.SAMPLE}"


@dataclass
class World:
    """What answers over HTTP: site, app and provider, by method and path."""

    url: str
    replies: dict[tuple[str, str], Reply]
    asked: list[Asking] = field(default_factory=list)

    def put(
        self, method: str, path: str, status: int = 200, body: bytes = b"", **headers: str
    ) -> None:
        date = format_datetime(NOW, usegmt=True)
        self.replies[method, path] = Reply(status, body, {"Date": date, **headers})


@pytest.fixture
def world() -> Iterator[World]:
    def answer(asking: Asking) -> Answer:
        made.asked.append(asking)
        return Answer(made.replies.get((asking.method, asking.path), Reply(404)))

    server = Server(0, answer)
    made = World(f"http://127.0.0.1:{server.server_port}", {})
    made.put("GET", "/second.html", body=PAGE)
    made.put("GET", LEAVE, body=BUTTON)
    made.put("POST", LEAVE, 404)
    thread = Thread(target=server.serve_forever, args=(0.002,))
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.hang_up()
    server.server_close()


@pytest.fixture
def zone() -> Iterator[Zone]:
    with Zone() as made:
        made.set("press.test", "MX", "20 second.press.test.", "10 mx.press.test.")
        yield made


@dataclass
class Patient:
    """A publication whose settings can change before it is looked at."""

    series: Told
    world: World
    zone: Zone
    settings: dict[str, str]
    tables: str = ""
    seconds: float = 5.0

    @property
    def case(self) -> Case:
        lines = [f'{key} = "{value}"' for key, value in self.settings.items()]
        text = SERIES.replace("example.org", "press.test")
        toml = "\n".join([text, "[newsletter]", *lines, self.tables])
        (self.series.root / "series.toml").write_text(toml)
        settings = config.load(self.series.root)
        assert settings.newsletter
        articles = [
            replace(entry(n, name), url=f"{self.world.url}/{name}.html")
            for n, name in enumerate(["first", "second"])
        ]
        built = Manifest(SERIES_ENTRY, tuple(articles), {"second.html": sha256(PAGE).hexdigest()})
        (self.series.root / "site").mkdir(exist_ok=True)
        (self.series.root / "site/manifest.json").write_bytes(manifest.dump(built))
        asking = names(self.zone.address, self.seconds)
        place = self.series.place
        return Case(place, settings, settings.newsletter, built, asking, lambda: NOW)

    def findings(self, check: str = "") -> list[Finding]:
        found = list(doctor.of(self.case))
        return [one for one in found if check in ("", one.check)]

    def one(self, check: str) -> Finding:
        [found] = self.findings(check)
        return found

    def healths(self, check: str) -> list[Health]:
        return [one.health for one in self.findings(check)]


@pytest.fixture
def patient(embedded: Told, world: World, zone: Zone, monkeypatch: pytest.MonkeyPatch) -> Patient:
    monkeypatch.setenv(stamps.VARIABLE, "k" * 40)
    monkeypatch.setenv("RESEND_API_KEY", "secret-of-resend")
    world.put("GET", "/domains", body=b'{"data": [{"name": "press.test", "status": "verified"}]}')
    settings = {
        "from": "A Series <news@press.test>",
        "reply-to": "author@press.test",
        "postal-address": "12 Harbour Road, Lisbon",
        "provider": "resend",
        "app-url": world.url,
    }
    return Patient(embedded, world, zone, settings, f'[newsletter.resend]\nurl = "{world.url}"\n')
