"""The table [newsletter.serve] of series.toml: how much strangers may do."""

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.arriving import Limits
from newsletter.providers import options_of
from press.problems import Code, Problem, ProblemsFound

KNOWN = {
    "posts-a-minute": "60",
    "mails-a-network": "20",
    "mails-an-hour": "1000",
    "proxies": "0",
}


@dataclass(frozen=True, slots=True)
class Options:
    posts: int
    """What one network may post in a minute."""
    limits: Limits
    proxies: int
    """How many proxies of ours a request comes through: each adds to X-Forwarded-For."""


def read(given: Mapping[str, object]) -> Options:
    """Raises ProblemsFound with all that is wrong."""
    table = options_of("serve", given, KNOWN)
    bad = [key for key, value in table.items() if not (value.isascii() and value.isdigit())]
    if bad:
        said = "of [newsletter.serve] has to be a whole number"
        found = [f"`{key}` {said}" for key in bad]
        raise ProblemsFound([Problem("series.toml", 0, 0, Code.WRONG_TYPE, one) for one in found])
    posts, network, in_all, proxies = (int(table[key]) for key in KNOWN)
    return Options(posts, Limits(network, in_all), proxies)
