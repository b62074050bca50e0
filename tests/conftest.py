"""What all tests share: a publication in a folder of its own, and skips that count in the gate."""

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from press import pipeline
from press.problems import Problem, ProblemsFound

# A busy machine is no failure; and the gate looks at the same examples each time.
settings.register_profile(
    "proofpress",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("proofpress")

REPOSITORY = Path(__file__).parent.parent
TYPED = f"python {shlex.quote(str(REPOSITORY / 'build.py'))}"
"""What is typed before a verb in the tests' publications."""
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

SERIES = """\
title = "A Series"
url = "https://example.org/series"
id = "tag:example.org,2026:series"
author = "An Author"
language = "en"
description = "What it is about."
"""

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a4944415478da63"
    "60000000020001e527defc0000000049454e44ae426082"
)
"""The smallest image there is: a PNG of one pixel."""

NEWSLETTER = """
[newsletter]
from = "A Series <series@example.org>"
reply-to = "author@example.org"
postal-address = "1 Example Street, Exampletown"
provider = "outbox"
"""


@dataclass(frozen=True)
class Publication:
    """A publication in a folder of its own, built as of NOW."""

    root: Path

    def write(self, path: str, text: str | bytes) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        return target

    def article(self, name: str, body: str = "Text.\n", **front: str) -> Path:
        """Write `content/NAME.md`. Each front matter value is YAML; its body begins in line 7."""
        front = {"title": name, "date": "2026-01-01", "description": "About it.", **front}
        lines = [f"{key}: {value}" for key, value in front.items()]
        text = "---\n" + "\n".join(lines) + "\n---\n\n" + body
        return self.write(f"content/{name}.md", text)

    def make(self, *, drafts: bool = False) -> pipeline.Edition:
        return pipeline.make(self.root, NOW, pipeline.Wish(drafts=drafts))

    def build(self) -> pipeline.Edition:
        return pipeline.build(self.root, NOW).edition

    def page(self, path: str) -> str:
        """A file of the edition, as it would be built now."""
        return next(o.content.decode() for o in self.make().outputs if o.path == path)

    def problems(self) -> list[Problem]:
        try:
            self.make()
        except ProblemsFound as error:
            return list(error.problems)
        return []

    def problem(self) -> Problem:
        """The one problem that it has."""
        found = self.problems()
        assert len(found) == 1, found
        return found[0]

    @property
    def environment(self) -> dict[str, str]:
        """That of who is not told of each stage, and keeps a journal of this publication alone."""
        kept = {name: value for name, value in os.environ.items() if name != "CI"}
        return {**kept, "PROOFPRESS_JOURNAL": str(self.root / "journals")}

    def run(self, *args: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """The author's command as its user would run it, in this publication's folder."""
        return subprocess.run(
            [sys.executable, str(REPOSITORY / "build.py"), *args],
            cwd=self.root,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def publication(tmp_path: Path) -> Publication:
    made = Publication(tmp_path)
    made.write("series.toml", SERIES + NEWSLETTER)
    (tmp_path / "content").mkdir()
    return made


ONCE = (
    "browser", "structure", "test_matrix", "test_contract_faults", "test_moving", "test_postfix",
    "test_crashes", "test_publishing", "test_identity", "test_evidence", "test_webhooks_contract",
    "walk", "test_corrections", "test_digests", "test_courses", "test_following", "test_cli_ledger",
    "test_cli_send", "test_cli_subscribers", "test_cli_wishes", "test_feed_clients",
    "test_importing", "test_searching", "test_state_machine", "test_tallies", "test_outside",
    "test_targets", "test_target_s3", "test_target_git", "test_target_rsync",
)  # fmt: skip
"""What tells nothing new on another Python: other programs, what verbs say, the ledger's SQL. Its
tests are marked `once`, as are all of PostgreSQL."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        chosen = getattr(item, "callspec", None)
        values = chosen.params.values() if chosen else ()
        if {*item.path.parts, item.path.stem}.intersection(ONCE) or "postgresql" in values:
            item.add_marker(pytest.mark.once)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In the gate a skipped test is a failure: there every real part is installed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
