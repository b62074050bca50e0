"""The desks of a build, and where what they have made lies."""

import os
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path

from press import crew, output
from press.desk import Desk, Shop
from press.tasks import Content, Ledge


class Team:
    """The desks of a build: one here, and more in processes of their own when there is much to
    do."""

    def __init__(self, shop: Shop, ledge: Ledge, site: Path | None, *, alone: bool) -> None:
        self._shop = shop
        self._alone = alone or not hasattr(os, "fork")
        self._aside = site / output.ASIDE.format(os.getpid()) if site else None
        self._crew: crew.Crew | None = None
        self._laid_by: dict[str, Content] = {}
        """Where that is which a crew has made, as far as it was asked."""
        # Without a site, what was made is for who asks for it here.
        self.desk = Desk(shop, ledge, [] if site is None and ledge.keeps else None)
        self.own: crew.Hands = crew.Alone(self.desk)

    def __enter__(self) -> "Team":
        return self

    def __exit__(self, *_: object) -> None:
        if self._crew:
            self._crew.stop()
        if self._aside:
            shutil.rmtree(self._aside, ignore_errors=True)

    def hands(self, count: int) -> crew.Hands:
        """Who does as much work."""
        if self._aside and not self._crew and self._may_fork() and count >= crew.LEAST:
            with output.problems(self._aside.parent):
                self._aside.mkdir(parents=True, exist_ok=True)
            self._crew = crew.Crew(self._desk, crew.processors())
        return self._crew or self.own

    def _may_fork(self) -> bool:
        """Another thread may hold what a process that is forked from this one would wait for."""
        return not self._alone and crew.processors() > 1 and threading.active_count() == 1

    def _desk(self, number: int) -> Desk:
        assert self._aside  # noqa: S101  # there is no crew without
        folder = self._aside / str(number)
        folder.mkdir()
        return Desk(self._shop, Ledge(folder))

    def contents(self) -> Mapping[str, Content]:
        """Where everything is that was made."""
        self._ask()
        return self.desk.ledge.contents | self._laid_by

    def rest(self) -> None:
        """Let other processes go: what is left to do needs the memory more."""
        if self._crew:
            self._ask()
            self._crew.stop()
            self._crew = None

    def _ask(self) -> None:
        for laid_by in self._crew.everywhere("laid_by") if self._crew else ():
            self._laid_by |= laid_by
