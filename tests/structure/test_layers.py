"""Imports point down only, and each outside library has one home."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from newsletter import providers, webhooks
from press import deploy, importing
from tests.conftest import REPOSITORY
from tests.structure.test_docs import tables, words

# From the ground up. A module may import from its own floor and those below, never from above.
PROGRAMS = {
    "child", "confine", "emptying", "giving", "guards", "landlock", "loaded", "spaces",
    "watch", "zygote",
}  # fmt: skip
PRESS = [
    {"press.inside", *(f"press.inside.{name}" for name in sorted(PROGRAMS))},
    {
        "press",
        "press.findings",
        "press.problems",
        "press.fields",
        "press.keys",
        "press.config",
        "press.jsontext",
        "press.layout",
        "press.letter",
        "press.model",
        "press.exits",
        "press.root",
        "press.kept",
        "press.files",
        "press.policy",
        "press.structured",
        "press.words",
        "press.catalogues",
        "press.digests",
        "press.survey",
        "press.progress",
        "press.crew",
        "press.shelf",
        "press.terminal",
        "press.meanings",
        "press.targets",
        "press.programs",
        "press.sigv4",
        "press.wire",
    },
    {
        "press.manifest",
        "press.comparing",
        "press.sessions",
        "press.infostring",
        "press.blocks",
        "press.fences",
        "press.slots",
        "press.head",
        "press.paging",
        "press.elements",
        "press.nodes",
        "press.folding",
        "press.contrast",
        "press.marks",
        "press.pairs",
        "press.placing",
        "press.formulas",
        "press.machine",
        "press.memory",
        "press.results",
        "press.lexing.beginnings",
        "press.lexing.kinds",
        "press.lexing.narrowing",
    },
    {"press.lexing.plain", "press.lexing.rules"},
    {"press.lexing.joining"},
    {"press.lexing.states"},
    {"press.lexing.scanning"},
    {"press.lexing.quick"},
    {"press.lexing"},
    {"press.colouring"},
    {
        "press.engine",
        *(
            f"press.engine.{name}"
            for name in (
                "conditions",
                "inline",
                "parser",
                "patterns",
                "plans",
                "serializer",
                "stages",
            )
        ),
        "press.examples",
        "press.frontmatter",
        "press.highlight",
        "press.images",
        "press.links",
        "press.pages",
        "press.rawblocks",
        "press.sections",
        "press.reading",
        "press.refused",
        "press.texttable",
        "press.tracebacks",
    },
    {"press.proofwords", "press.sheets"},
    {"press.figures", "press.plain", "press.dialect", "press.pagelinks"},
    {"press.markup", "press.channels", "press.mailhtml"},
    {
        "press.portable",
        "press.history",
        "press.mending",
        "press.opml",
        "press.syndication",
        "press.mailtext",
    },
    {"press.feeds", "press.feeds.atom", "press.feeds.jsonfeed", "press.feeds.rss"},
    {"press.siteindex", "press.headers", "press.asmarkdown", "press.asking"},
    {"press.deploy"},
    {"press.public"},
    {"press.cargo", "press.live", "press.hubs"},
    {f"press.deploy.{name}" for name in deploy.names()},
    {"press.png", "press.typeface"},
    {"press.drawing"},
    {"press.faults", "press.scaling", "press.lettering"},
    {"press.pictures"},
    {"press.binding"},
    {"press.outermost", "press.diagnostics"},
    {"press.isolation", "press.merging", "press.records"},
    {"press.running", "press.crates", "press.cache", "press.explaining", "press.environments"},
    {"press.judging"},
    {"press.languages", "press.languages.python", "press.languages.pycon", "press.languages.rust"},
    {"press.setting"},
    {"press.frontfields"},
    {"press.schemas"},
    {"press.compiled"},
    {"press.source", "press.prove", "press.render", "press.assets", "press.output"},
    {"press.cards", "press.searching", "press.compressing", "press.outside", "press.templating"},
    {"press.series", "press.gist"},
    {"press.tasks", "press.tools", "press.replacing"},
    {"press.entering"},
    {"press.desk"},
    {
        "press.articles",
        "press.making",
        "press.hosting",
        "press.livereload",
        "press.feedreading",
        "press.watching",
    },
    {"press.edition", "press.team"},
    {"press.run"},
    {"press.ahead"},
    {"press.pipeline", "press.pending"},
    {"press.recall", "press.report", "press.drafting", "press.accepting", "press.rebuilding"},
    {"press.overlay"},
    {"press.showing"},
    {"press.preview"},
    {"press.checking"},
    {"press.reports"},
    {
        "press.reports.text",
        "press.reports.json",
        "press.reports.github",
        "press.reports.junit",
        "press.reports.sarif",
    },
    {"press.pytest_plugin", "press.unchanged"},
    {"press.completing"},
    {"press.cli_guide"},
    {"press.building", "press.shipping"},
    {"press.publishing"},
    {"press.cli_publish", "press.health"},
    {"press.amending"},
    {"press.starting", "press.renaming", "press.status"},
    {"press.importing.post"},
    {f"press.importing.{name}" for name in ("codeblocks", "headings", "markup", "meta")},
    {"press.importing.addresses", "press.importing.completing", "press.importing.tags"},
    {f"press.importing.{name}" for name in importing.NAMES},
    {"press.importing"},
    {"press.importing.taking"},
    {"press.importer"},
    {"press.cli_writing", "press.cli_doctor"},
    {"press.cli"},
    {"proofpress"},
    {"build"},
]
NEWSLETTER = [
    {"newsletter", "newsletter.model", "newsletter.place", "newsletter.http"},
    {
        "newsletter.webhooks",
        "newsletter.grouping",
        "newsletter.signatures",
        "newsletter.standings",
    },
    {
        "newsletter.addresses",
        "newsletter.admitting",
        "newsletter.answers",
        "newsletter.columns",
        "newsletter.inlining",
        "newsletter.letters",
        "newsletter.listing",
        "newsletter.merging",
        "newsletter.mime",
        "newsletter.plan",
        "newsletter.rendering",
        "newsletter.smtp_replies",
    },
    {"newsletter.compose", "newsletter.csvfile", "newsletter.journal", "newsletter.smtp"},
    {"newsletter.statuses"},
    {"newsletter.returned", *(f"newsletter.webhooks.{name}" for name in webhooks.names())},
    {"newsletter.dns", "newsletter.records", "newsletter.vouching"},
    {"newsletter.store.schema", "newsletter.store", "newsletter.store.portions"},
    {
        "newsletter.store.versions",
        "newsletter.store.frozen",
        "newsletter.store.doubts",
        "newsletter.store.wishes",
    },
    {"newsletter.providers", "newsletter.store.sqlite", "newsletter.store.postgresql"},
    {f"newsletter.providers.{name}" for name in providers.names()},
    {"newsletter.transport", "newsletter.migrations", "newsletter.migrations.env"},
    {"newsletter.connecting", "newsletter.store.database", "newsletter.store.tallies"},
    {"newsletter.store.audience"},
    {f"newsletter.store.{name}" for name in ("deliveries", "announcements", "pace", "untold")},
    {"newsletter.store.subscribers", "newsletter.store.identity", "newsletter.store.events"},
    {"newsletter.store.asks", "newsletter.store.notes"},
    {"newsletter.store.personal", "newsletter.store.picks"},
    {"newsletter.store.joining"},
    {"newsletter.store.following"},
    {"newsletter.store.evidence", "newsletter.store.history"},
    {"newsletter.store.batches", "newsletter.store.moving"},
    {"newsletter.store.remembering", "newsletter.store.readdressing"},
    {"newsletter.gates", "newsletter.runs", "newsletter.arriving"},
    {"newsletter.handing", "newsletter.opening", "newsletter.leaving", "newsletter.writing"},
    {"newsletter.corresponding"},
    {"newsletter.settling", "newsletter.hooks", "newsletter.mailboxes", "newsletter.intents"},
    {"newsletter.send"},
    {"newsletter.demonstration", "newsletter.report", "newsletter.showing"},
    {"newsletter.told"},
    {"newsletter.web", "newsletter.web.guard", "newsletter.web.options", "newsletter.web.stamps"},
    {"newsletter.finding"},
    {"newsletter.doctor_settings"},
    {"newsletter.doctor_provider", "newsletter.doctor_web", "newsletter.doctor_dns"},
    {"newsletter.doctor_ledger"},
    {"newsletter.doctor"},
    {"newsletter.web.replies"},
    {"newsletter.web.desk"},
    {f"newsletter.web.{name}" for name in ("coming", "going", "telling", "watching")},
    {"newsletter.web.plots"},
    {"newsletter.web.choosing", "newsletter.web.admin"},
    {"newsletter.web.app"},
    {"newsletter.web.serving"},
    {"newsletter.cli_subscribers", "newsletter.cli_ledger", "newsletter.cli_send"},
    {"newsletter.cli_announce", "newsletter.cli_serve", "newsletter.cli_bounces"},
    {"newsletter.cli_wishes"},
    {"newsletter.cli_doctor"},
    {"newsletter.cli"},
    {"newsletter.__main__"},
]
OF_PRESS = {
    "press.config", "press.fields", "press.findings", "press.letter", "press.manifest",
    "press.problems", "press.root", "press.sigv4", "press.wire", "press.words",
}  # fmt: skip
"""What the newsletter may know of the press: its contract, its nouns, and how both ask others."""
OF_PRESS_FOR_COMMANDS = {"press.exits", "press.progress"}
"""And what its command shares with the other, so that both look and end alike."""
OF_PRESS_FOR_PAGES = {"press.render"}
"""And what makes the app's pages those of the site."""

INSIDE = "press.inside"
"""Programs of their own, which the press starts and never imports."""

CLI_OF_NEWSLETTER = (
    "announce", "bounces", "doctor", "ledger", "send", "serve", "subscribers", "wishes",
)  # fmt: skip
HOMES = {
    "alembic": {"newsletter.migrations"},
    "babel": {"press.catalogues"},
    "brotli": {"press.compressing"},
    "click": {
        "press.cli",
        "press.cli_guide",
        "press.completing",
        "press.cli_doctor",
        "press.cli_publish",
        "press.cli_writing",
        "newsletter.cli",
        *(
            f"newsletter.cli_{verbs}"
            for verbs in CLI_OF_NEWSLETTER
        ),
    },
    "css_inline": {"newsletter.inlining"},
    "cryptography": {"newsletter.signatures"},
    "dns": {"newsletter.dns"},
    "email_validator": {"newsletter.addresses"},
    "feedgen": {"press.mending"},
    "flask": {"newsletter.web"},
    "itsdangerous": {"newsletter.web.stamps"},
    "flufl": {"newsletter.returned"},
    "jinja2": {
        "press.compiled", "press.render", "press.templating", "newsletter.rendering",
        "newsletter.web.replies",
    },
    "lxml": {"press.mending"},
    "markdown": {"press.markup", "press.dialect", "press.engine"},
    "math_core": {"press.formulas"},
    "msgspec": {"press", "newsletter"},
    "PIL": {"press.drawing", "press.scaling", "press.typeface"},
    "nh3": {"press.portable"},
    "pygments": {"press.highlight", "press.colouring", "press.lexing"},
    "urllib3": {"press.wire"},
    "requests": {"press.wire"},
    "packaging": {"press.keys", "press.environments"},
    "pytest": {"press.pytest_plugin"},
    "slugify": {"press.drafting"},
    "sqlalchemy": {"newsletter.store", "newsletter.migrations"},
    "waitress": {"newsletter.web.serving"},
    "watchfiles": {"press.watching"},
    "werkzeug": {"newsletter.web.app"},
    "xdist": {"press.pytest_plugin"},
    "yaml": {"press.frontmatter"},
    # Of the standard library:
    "subprocess": {
        "press.running", "press.crates", "press.environments", "press.checking", "press.searching",
        "press.programs", INSIDE,
    },
    "urllib.request": {"press.asking"},
    "sqlite3": {"press.memory"},
    "smtplib": {"newsletter.smtp"},
}  # fmt: skip


def modules() -> dict[str, Path]:
    found = {name: REPOSITORY / f"{name}.py" for name in ("build", "proofpress")}
    for package in ("press", "newsletter"):
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            name = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


MODULES = modules()


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text())


@cache
def imports(name: str) -> frozenset[str]:
    """Every module that a module imports, at its top or within a function."""
    return frozenset(_imports(name))


def _imports(name: str) -> Iterator[str]:
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{name} has a relative import: write it out"
            assert not node.level, f"{name} has a relative import: write it out"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            ours = [one for one in whole if one in MODULES]
            yield from ours
            if len(ours) < len(whole):
                yield node.module


def floor(name: str, floors: list[set[str]]) -> int | None:
    """How high a module stands; None for one that is not named."""
    if name.startswith("newsletter.migrations.versions"):
        return 2
    return next((height for height, names in enumerate(floors) if name in names), None)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_has_a_floor_and_imports_point_down(name: str) -> None:
    floors = NEWSLETTER if name.startswith("newsletter") else PRESS
    height = floor(name, floors)
    assert height is not None, f"{name} is on no floor: put it on one"
    for imported in imports(name):
        below = floor(imported, floors)
        if below is not None:
            assert below <= height, f"{name} imports {imported}, which is above it"


def test_no_floor_names_a_module_that_is_gone() -> None:
    named = set().union(*PRESS, *NEWSLETTER) | OF_PRESS | OF_PRESS_FOR_COMMANDS | OF_PRESS_FOR_PAGES
    assert named <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_the_press_knows_no_newsletter_and_the_newsletter_only_the_contract(name: str) -> None:
    imported = imports(name)
    if name.startswith("press"):
        assert not {one for one in imported if one.startswith("newsletter")}
        # Nor by a name that it could import: `build.py` alone brings the two together.
        texts = {node.value for node in ast.walk(tree(name)) if isinstance(node, ast.Constant)}
        named = {text for text in texts if isinstance(text, str) and text.startswith("newsletter.")}
        assert not named
    if name.startswith("newsletter"):
        of_press = {one for one in imported if one.partition(".")[0] == "press"}
        more = OF_PRESS_FOR_COMMANDS if name.startswith("newsletter.cli") else set()
        more |= OF_PRESS_FOR_PAGES if name.startswith("newsletter.web.") else set()
        assert of_press <= OF_PRESS | more


def test_there_are_no_import_cycles() -> None:
    graph = {name: {one for one in imports(name) if one in MODULES} for name in MODULES}
    while graph:
        leaves = {name for name, imported in graph.items() if not imported & (set(graph) - {name})}
        assert leaves, f"a cycle among {sorted(graph)}"
        graph = {name: imported for name, imported in graph.items() if name not in leaves}


@pytest.mark.parametrize("library", HOMES)
def test_each_library_has_one_home(library: str) -> None:
    users = {
        name for name in MODULES if any(one.partition(".")[0] == library for one in imports(name))
    }
    homes = HOMES[library]
    strangers = {u for u in users if not any(u == h or u.startswith(f"{h}.") for h in homes)}
    assert not strangers


def test_every_outside_library_is_known() -> None:
    ours = {"press", "newsletter", "build", "proofpress", *PROGRAMS}
    outside = {
        root
        for name in MODULES
        for one in imports(name)
        if (root := one.partition(".")[0]) not in ours | set(sys.stdlib_module_names)
    }
    assert outside <= set(HOMES)


def documented() -> dict[str, int]:
    """Module -> its row in the table of floors of docs/decisions/0001, from the top."""
    rows = {"build": 0, "proofpress": 0}
    for height, (_, *cells) in enumerate(tables("docs/decisions/0001-architecture.md")[0]):
        for package, cell in zip(("press", "newsletter"), cells, strict=True):
            rows |= {f"{package}.{name}": height for name in words(cell) if "." not in name}
    return rows


def test_the_documented_floors_are_those_of_the_house() -> None:
    rows = documented()

    def row(name: str) -> int | None:
        return rows.get(".".join(name.split(".")[:2]))

    packages = {"press", "newsletter", "newsletter.__main__"}
    assert not [name for name in MODULES if name not in packages and row(name) is None]
    assert not [name for name in rows if name not in MODULES]
    for name in MODULES:
        for imported in imports(name):
            above, here = row(imported), row(name)
            if above is not None and here is not None:
                assert above >= here, f"{name} imports {imported}, which is above it"
