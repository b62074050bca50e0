"""The links of articles that lead out of the site: those that are broken, and those nobody knows.

What was there is remembered for a week; what was not is asked for each time.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event
from urllib.parse import urldefrag, urlsplit

from press import kept, links, pagelinks
from press.asking import Answer, Asker, Sort
from press.model import Fragment, Manuscript
from press.problems import Code, Problem

WEEK = 7 * 24 * 3600
HOSTS = 8
"""That are asked at the same time."""

Progress = Callable[[int, int], None]
"""Told how many addresses are asked for, and of how many."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of asking."""

    problems: tuple[Problem, ...]
    not_known: tuple[str, ...]
    """A line for each link of which nobody knows."""


def check(
    fragments: Iterable[tuple[Manuscript, Fragment]],
    own: str,
    memory: Path,
    now: datetime,
    asker: Asker,
    progress: Progress = lambda _done, _count: None,
) -> Found:
    """Ask for each address that articles link to, but for those of the site itself, at `own`."""
    used = [
        (href, article)
        for article, fragment in fragments
        for href in fragment.links
        if _leads_out(href, own)
    ]
    wanted = sorted({_page(href) for href, _ in used})
    known = _recall(memory, now)
    answers = dict.fromkeys(known, Answer(Sort.THERE))
    answers |= _ask([one for one in wanted if one not in known], asker, progress)
    there = [one for one in wanted if one not in known and answers[one].sort is Sort.THERE]
    kept.write(memory, json.dumps(known | dict.fromkeys(there, now.timestamp())).encode())
    problems: list[Problem] = []
    not_known: list[str] = []
    for href, article in used:
        answer = answers[_page(href)]
        if answer.sort is Sort.BROKEN:
            problems += _problems(href, article, answer)
        elif answer.sort is Sort.NOT_KNOWN:
            places = _problems(href, article, answer)
            not_known += [f"{one.where}: not known: {one.message}" for one in places]
    return Found(tuple(problems), tuple(not_known))


def _leads_out(href: str, own: str) -> bool:
    try:
        parts = urlsplit(href)
        is_web = bool(parts.hostname) and parts.scheme.lower() in ("http", "https", "")
    except ValueError:  # not a valid address: reported as such already
        return False
    return is_web and pagelinks.own_path(href, own) is None


def _page(href: str) -> str:
    """An address without its fragment, which a server is not asked for."""
    return urldefrag(href.strip()).url


def _ask(wanted: Sequence[str], asker: Asker, progress: Progress) -> dict[str, Answer]:
    """Several hosts at a time, and the addresses of one host one after the other."""
    answers: dict[str, Answer] = {}
    stopped = Event()

    def ask_host(addresses: Sequence[str]) -> None:
        for address in addresses:
            if not stopped.is_set():
                answers[address] = asker.ask(address)
                progress(len(answers), len(wanted))

    hosts: dict[str, list[str]] = {}
    for address in wanted:
        hosts.setdefault(urlsplit(address).netloc.lower(), []).append(address)
    with ThreadPoolExecutor(HOSTS) as pool:
        try:
            list(pool.map(ask_host, hosts.values()))
        finally:
            stopped.set()  # on Ctrl-C the pool waits for what is under way, and for no more
    return answers


def _problems(href: str, article: Manuscript, answer: Answer) -> list[Problem]:
    return links.problems_at(href, article, Code.BROKEN_LINK, f"`{href}` {answer.why}")


def _recall(memory: Path, now: datetime) -> dict[str, float]:
    """What was there within the last week, and when."""
    try:
        found = json.loads(kept.read(memory) or b"{}")
        ages = {str(url): now.timestamp() - float(at) for url, at in found.items()}
    except (ValueError, AttributeError, TypeError):
        return {}
    return {url: float(found[url]) for url, age in ages.items() if 0 <= age < WEEK}
