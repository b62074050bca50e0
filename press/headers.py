"""What hosts that read `_headers` and `_redirects` send: Netlify, Cloudflare and their like.

docs.netlify.com/manage/routing/headers, developers.cloudflare.com/pages/configuration/headers.
Of the rules of each, a host takes the first hundred, or the first two thousand, and counts those
that it does not understand: what matters most stands first, and what would not be read is left out.
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import islice
from urllib.parse import urlsplit

from press import policy
from press.config import Config
from press.model import OutputFile, Site

HOUR, DAY, YEAR = 3600, 86_400, 31_536_000
FEED_AGE = 600
ARCHIVE = re.compile(r"-\d+\.[^/]*$")

FOR_ALL = {
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


HEADERS, REDIRECTS = "_headers", "_redirects"
MOST_RULES, MOST_REDIRECTS = 100, 2000
"""As Cloudflare takes them; Netlify asks for fewer than 10,000 redirects."""

Rule = tuple[str, Mapping[str, str]]
"""A pattern of paths, and the headers of the files that fit it."""


def files(site: Site, feeds: Mapping[str, str | None]) -> list[OutputFile]:
    """Both of them. `feeds` has the path of each feed -> its media type, if there is one."""
    return [
        OutputFile(HEADERS, "".join(islice(_rules(site.config, feeds), MOST_RULES)).encode()),
        OutputFile(REDIRECTS, "".join(_redirects(site)).encode()),
    ]


def _rules(config: Config, feeds: Mapping[str, str | None]) -> Iterator[str]:
    """A rule says nothing that another one for the same file says: hosts would join the two.

    Pages have no lifetime here: these hosts have browsers ask for each page again.
    """
    yield _rule("/*", {"Content-Security-Policy": policy.of_host(config), **FOR_ALL})
    yield _rule("/assets/*", _age(HOUR))
    yield _rule("/cards/*", _age(DAY))
    for kind in ("fragment", "index"):  # named by their content
        yield _rule(f"/pagefind/{kind}/*", {"Cache-Control": f"public, max-age={YEAR}, immutable"})
    for path, media_type in sorted(feeds.items(), key=lambda one: _rank(one[0])):
        content = {"Content-Type": f"{media_type}; charset=utf-8"} if media_type else {}
        yield _rule(f"/{path}", content | _age(FEED_AGE))


def _rank(path: str) -> tuple[bool, int]:
    """The feeds that readers subscribe to come before archives, and the series before its tags."""
    return bool(ARCHIVE.search(path)), path.count("/")


def _age(seconds: int) -> dict[str, str]:
    return {"Cache-Control": f"public, max-age={seconds}"}


def _rule(path: str, headers: Mapping[str, str]) -> str:
    return f"{path}\n" + "".join(f"  {name}: {value}\n" for name, value in headers.items())


def rules(text: str) -> list[Rule]:
    """The rules of a `_headers`, as its hosts read it: what is indented belongs to what is not."""
    found: list[tuple[str, dict[str, str]]] = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[0].isspace():
            found.append((line.strip(), {}))
        elif found:
            name, _, value = line.strip().partition(":")
            found[-1][1][name.strip()] = value.strip()
    return [(pattern, headers) for pattern, headers in found]


def fits(pattern: str, path: str) -> bool:
    """Whether the rule of a pattern is for a file of the site."""
    return fnmatchcase(f"/{path}", pattern)


def redirected(text: str) -> set[str]:
    """The files of a site whose addresses a `_redirects` leads away from."""
    found = {line.split()[0].removeprefix("/") for line in text.splitlines() if line.strip()}
    return {f"{path}index.html" if path.endswith("/") or not path else path for path in found}


def _redirects(site: Site) -> Iterator[str]:
    """Where aliases lead, twice: each host skips the form that it does not know.

    Netlify serves the page of an alias, which is for other hosts, unless it is forced not to.
    Cloudflare takes a forced redirect for a mistake, and redirects in any case.
    """
    base = urlsplit(site.config.url).path
    led = [
        f"/{path} {base}/{one.article.page}"
        for one in site.articles
        for alias in one.article.aliases
        for path in dict.fromkeys((alias, alias.removesuffix("index.html")))
    ]
    forms = ("301!", "301")
    for status in forms:
        yield from (f"{line} {status}\n" for line in led[: MOST_REDIRECTS // len(forms)])
