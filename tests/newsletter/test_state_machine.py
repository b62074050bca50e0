"""Whatever happens, in whatever order: nobody is told twice, and the counts add up."""

import os
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from newsletter.providers.outbox import Outbox
from press.manifest import Entry
from press.problems import ProblemsFound
from tests.newsletter.conftest import Told, entry, make_series

PEOPLE = st.sampled_from(["ada", "bob", "cy", "dee"])
ARTICLES = st.sampled_from(["first", "second", "third", "fourth"])


class Died(BaseException):
    """The sender's process, at one of its steps."""


class Publishing(RuleBasedStateMachine):
    """People come and go, articles appear and move, senders die; mail goes out all the while."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.series: Told = make_series(Path(self.folder.name))
        self.articles: dict[str, Entry] = {"first": entry(0, "first")}
        self.gone: set[str] = set()
        self.told_when_gone: Counter[str] = Counter()
        self._publish()

    def teardown(self) -> None:
        self.series.database.close()
        self.folder.cleanup()

    def _publish(self) -> None:
        by_number = sorted(self.articles.values(), key=lambda article: article.number)
        self.series.publish(*by_number)

    @rule(name=PEOPLE)
    def subscribe(self, name: str) -> None:
        self.series.subscribe(name)

    @rule(name=PEOPLE)
    def unsubscribe(self, name: str) -> None:
        self.series.unsubscribe(name)
        if name not in self.gone:
            self.told_when_gone[name] = self._mails()[name]
        self.gone.add(name)

    @rule(name=ARTICLES)
    def publish(self, name: str) -> None:
        self.articles.setdefault(name, entry(len(self.articles), name))
        self._publish()

    @rule(name=ARTICLES, number=st.integers(10, 99))
    def move(self, name: str, number: int) -> None:
        if name in self.articles:
            moved = replace(self.articles[name], number=number, slug=f"s{number}", title="Renamed")
            self.articles[name] = moved
            self._publish()

    @rule()
    def withdraw(self) -> None:
        self.articles.pop("third", None)
        self._publish()

    @rule()
    def send(self) -> None:
        with suppress(ProblemsFound):  # an article that is announced to some and withdrawn
            self.series.send()

    @rule(fatal=st.integers(1, 6), before=st.booleans())
    def send_and_die(self, fatal: int, before: bool) -> None:
        """Die at the n-th file that the outbox makes, before or after it is there."""
        left = fatal
        replace_file = os.replace

        def dying(source: str, target: str) -> None:
            nonlocal left
            left -= 1
            if left == 0 and before:
                raise Died
            replace_file(source, target)
            if left == 0:
                raise Died

        sender = self.series.sender
        small = replace(sender, provider=Outbox(self.series.root / "var/outbox", limit=2))
        with patch("os.replace", dying), suppress(Died, ProblemsFound):
            small.send(small.intend().messages)

    def _mails(self) -> Counter[str]:
        return Counter(name for name, _ in self.series.told())

    @invariant()
    def nobody_has_two_mails_of_one_article(self) -> None:
        if not hasattr(self, "series"):
            return
        names = [(mail["To"], mail["Message-ID"].partition(".")[2]) for mail in self.series.mails()]
        assert max(Counter(names).values(), default=0) <= 1

    @invariant()
    def nobody_is_told_after_they_have_left(self) -> None:
        if not hasattr(self, "series"):
            return
        mails = self._mails()
        for name in self.gone:
            assert mails[name] <= self.told_when_gone[name]

    @invariant()
    def what_is_accepted_is_in_the_outbox(self) -> None:
        if not hasattr(self, "series"):
            return
        states = Counter(self.series.states())
        in_doubt = states["attempting"] + states["unknown"]
        assert states["accepted"] <= len(self.series.mails()) <= states["accepted"] + in_doubt


TestPublishing = Publishing.TestCase
TestPublishing.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
