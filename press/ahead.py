"""The page of an article that was saved, ahead of the build that follows.

It is made of what the last good build knows of all others, so that it takes as long in a series of
any length. Where more than that article may differ there is nothing ahead.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from press import head, links, prove, source
from press.articles import listed
from press.desk import Desk, Order
from press.gist import Gist
from press.model import Article, Mark, Verdict
from press.problems import Problem
from press.results import Result
from press.run import Run
from press.tasks import Ledge, content_of


def files(run: Run, saved: Path, prover: prove.Prover) -> Mapping[str, bytes]:
    """Path in the site -> content of what an article brings of which this file was saved.

    `run` is that of the last good build. None of it where the file is of no article that was in the
    site, or where anything is wrong with it: the build that follows tells.
    """
    articles = run.articles
    path = next((one for one in _paths(run.root, saved) if one in articles.places), None)
    if path is None:
        return {}
    desk = Desk(run.shop, Ledge())
    entry, before = articles.entries[path], articles.gists[path]
    read = desk.read(entry)
    article = read.gist.article
    if article is None or not _is_as_good(read.gist, before):
        return {}
    marks = read.marks if read.marks is not None else _asked(desk, entry, prover)
    its = _links(run, read.gist, article)
    if marks is None or its is None:
        return {}
    no_card = Result(head.card_path(article.slug), "")  # a page does not show it
    order = Order(entry, listed(read.gist, marks), articles.places[path], its, marks, no_card)
    if desk.bind(order).problems:
        return {}
    return {path: content_of(made) for path, made in desk.ledge.contents.items()}


def _asked(desk: Desk, entry: source.Entry, prover: prove.Prover) -> Sequence[Mark | None] | None:
    """What is known of examples of which not all are proven; None if one of them has failed."""
    manuscript = desk.galley(entry).manuscript
    assert manuscript  # noqa: S101  # it was read
    proofs = prover(manuscript.examples, desk.shop.workshop)
    failed = any(one.verdict is Verdict.FAILED for one in proofs)
    return None if failed else tuple(one.mark for one in proofs)


def _links(run: Run, gist: Gist, article: Article) -> Mapping[str, str] | None:
    """The address of each link that leads away; None if one leads to nowhere."""
    try:
        return {href: links.resolve(href, article, run.targets) for href in gist.away}
    except links.Broken:
        return None


def entry(root: Path, saved: Path) -> Path | None:
    """What of content/ a file is, or lies in: all of an article. `saved` is resolved."""
    top = (root / source.FOLDER).resolve()
    return top / saved.relative_to(top).parts[0] if top in saved.parents else None


def is_of(problem: Problem, its: Path) -> bool:
    """Whether a problem lies in this entry of content/."""
    return Path(problem.path).parts[:2] == (source.FOLDER, its.name)


def _paths(root: Path, saved: Path) -> Sequence[str]:
    """What the content file of an article may be called that a file is, or lies beside."""
    its = entry(root, saved)
    if its is None:
        return ()
    first = f"{source.FOLDER}/{its.name}"
    return first, f"{first}/index.md"


def _is_as_good(now: Gist, before: Gist) -> bool:
    """Whether an article has no problem, and stays in the site where it was."""
    if now.problems or now.faults or now.is_lost or not now.article or not before.article:
        return False
    of = [(one.number, one.slug, one.draft, one.date) for one in (now.article, before.article)]
    return of[0] == of[1]
