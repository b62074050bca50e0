"""Whether mail would arrive: looks at all that it hangs on, from series.toml to the DNS.

Nothing is sent and nothing is changed; what can't be looked at is skipped, with a word.
"""

from collections.abc import Iterator
from pathlib import Path

from newsletter import doctor_dns, doctor_ledger, doctor_provider, doctor_settings, doctor_web
from newsletter.dns import Names
from newsletter.finding import Case
from newsletter.place import Place
from press import config, manifest
from press.findings import Finding, wrong
from press.manifest import Manifest
from press.problems import ProblemsFound


def examine(place: Place, names: Names) -> Iterator[Finding]:
    """Everything that is found, in the order in which it is best mended."""
    try:
        settings = config.load(place.root)
    except ProblemsFound as error:
        yield from (doctor_settings.of_problem("series.toml", one) for one in error.problems)
        return
    if settings.newsletter is None:
        yield wrong("series.toml", "there is no table [newsletter]", "see docs/settings.md")
        return
    yield from of(Case(place, settings, settings.newsletter, _built(place.root), names))


def of_publication(root: Path) -> Iterator[Finding]:
    """The same of an author's publication, by this machine's DNS."""
    from newsletter import dns, place

    yield from examine(place.of_author(root), dns.names(""))


def _built(root: Path) -> Manifest | None:
    try:
        return manifest.load(root / "site")
    except ProblemsFound:
        return None


def of(case: Case) -> Iterator[Finding]:
    yield from doctor_provider.connected(case)
    yield from doctor_settings.findings(case)
    yield from doctor_provider.vouched(case)
    yield from doctor_web.site(case)
    yield from doctor_web.way_out(case)
    yield from doctor_web.clock(case)
    yield from doctor_dns.findings(case)
    yield from doctor_ledger.findings(case.place)
