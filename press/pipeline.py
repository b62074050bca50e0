"""The build, top to bottom. Everything is made before anything is written.

content/*.md -> Article -> proofs, fragments -> pages, feeds, manifest -> site/
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from press import (
    asmarkdown,
    assets,
    config,
    elements,
    faults,
    feeds,
    figures,
    lettering,
    links,
    making,
    markup,
    output,
    pages,
    pictures,
    plain,
    portable,
    prove,
    reading,
    scaling,
    series,
    source,
    words,
)
from press.images import Picture
from press.model import (
    Article,
    Example,
    Fragment,
    OutputFile,
    Proof,
    Published,
    Site,
    Verdict,
    Workshop,
)
from press.problems import Code, Problem, ProblemsFound
from press.root import cache_folder


@dataclass(frozen=True, slots=True)
class Edition:
    """All that a build makes, checked and not yet written."""

    site: Site
    proofs: tuple[Proof, ...]
    outputs: tuple[OutputFile, ...]
    index: OutputFile
    """The manifest, written last."""
    held_back: tuple[Article, ...]
    """Drafts, and articles of the future."""
    warnings: tuple[str, ...] = ()
    """What it lacks, though nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found."""

    articles: int
    proofs: tuple[Proof, ...]
    problems: tuple[Problem, ...]
    """Sorted, each once."""
    edition: Edition | None
    """What a build would write; None where there are problems."""
    fragments: tuple[tuple[Article, Fragment], ...] = ()
    """What was rendered of it."""
    warnings: tuple[str, ...] = ()
    """What could not be told."""


Choose = Callable[[Sequence[Article], Sequence[str]], Callable[[Example], bool]]
"""Articles, and the paths of those that can't be read -> whether an example is to be proven.

Raises ProblemsFound to stop a check before anything has run.
"""


def workshop_of(root: Path) -> Workshop:
    """Where the examples of a publication are proven."""
    return Workshop(cache_folder(root), root.absolute())


def make(
    root: Path,
    now: datetime,
    *,
    drafts: bool = False,
    afresh: bool = False,
    complete: bool = False,
    search: making.Search | None = None,
    progress: prove.Progress | None = None,
) -> Edition:
    """Prove and render a publication as of `now`. Raises ProblemsFound with every problem.

    Where it is to be `complete`, an example that nothing here can run is a problem.
    """
    checked = check(root, now, drafts=drafts, afresh=afresh, search=search, progress=progress)
    problems = [*checked.problems, *(prove.not_proven(checked.proofs) if complete else ())]
    if checked.edition is None or problems:
        raise ProblemsFound(sorted(problems))
    return checked.edition


def check(
    root: Path,
    now: datetime,
    *,
    drafts: bool = False,
    afresh: bool = False,
    choose: Choose = lambda *_: lambda _: True,
    search: making.Search | None = None,
    progress: prove.Progress | None = None,
) -> Checked:
    """Prove and render a publication as of `now`, and say what is wrong with it.

    With `drafts`, what is not published yet is proven and rendered as if it were. With `afresh`,
    no proof of an earlier run is relied on. Only the examples that `choose` wants are proven.
    """
    settings, problems = config.read(root)
    said, more = words.load(root, settings.language)
    problems += more
    everything, unparsed, more = series.read(root, settings)
    problems += more
    articles = [one for one in everything if drafts or source.is_out(one, now)]
    published = {one.path for one in articles}
    held_back = tuple(one for one in everything if one.path not in published)
    fragments, more = _fragments(articles, said)
    problems += more
    static, more = assets.read(root, said, run=settings.run)
    problems += more
    targets = _targets(fragments, held_back, unparsed, static)
    for article, fragment in fragments:
        problems += links.check(article, fragment, targets)
    shown = {}
    for article, fragment in fragments:
        shown[article.path], more = pictures.of(article, fragment, cache_folder(root))
        problems += more
    scaling.forget((one for found in shown.values() for one in found.values()), cache_folder(root))
    wanted = choose(articles, unparsed)
    examples = [one for article in articles for one in article.examples if wanted(one)]
    proofs = prove.prove(examples, workshop_of(root), afresh=afresh, progress=progress)
    problems += prove.problems(proofs)
    by_place = {proof.example.where: proof for proof in proofs}
    site = Site(
        settings,
        tuple(
            _published(article, fragment, settings, targets, by_place, shown[article.path], said)
            for article, fragment in fragments
        ),
        said,
        series.coming(held_back, now) if settings.coming else None,
    )
    made = making.make(root, site, static, search)
    problems += made.problems
    edition = None
    if not problems:
        index = making.index(site, made.outputs)
        edition = Edition(site, tuple(proofs), made.outputs, index, held_back, made.warnings)
    found = tuple(sorted(set(problems)))
    return Checked(len(articles), tuple(proofs), found, edition, tuple(fragments))


def write(root: Path, edition: Edition) -> output.Written:
    """Bring `site/` to an edition. Raises ProblemsFound."""
    return output.write(root, edition.outputs, edition.index)


def _fragments(
    articles: Sequence[Article], said: words.Words
) -> tuple[list[tuple[Article, Fragment]], list[Problem]]:
    fragments: list[tuple[Article, Fragment]] = []
    problems: list[Problem] = []
    for article in articles:
        try:
            fragment = markup.render(article, said)
            fragments.append((article, fragment))
            problems += faults.find(article, fragment)
        except RecursionError:
            message = "its lists or quotes are nested too deeply to render"
            problems.append(Problem(article.path, 0, 0, Code.BAD_INPUT, message))
    return fragments, problems


def _targets(
    fragments: Sequence[tuple[Article, Fragment]],
    held_back: Sequence[Article],
    unparsed: Sequence[str],
    static: Sequence[OutputFile],
) -> links.Targets:
    return links.Targets(
        articles={article.path: article for article, _ in fragments},
        ids={article.path: fragment.ids for article, fragment in fragments},
        held_back=frozenset([*(article.path for article in held_back), *unparsed]),
        pages=frozenset(
            [pages.SERIES_PAGE, *pages.FIXED, *feeds.paths(article for article, _ in fragments)]
            + [file.path for file in static]
        ),
    )


def _published(
    article: Article,
    fragment: Fragment,
    settings: config.Config,
    targets: links.Targets,
    proofs: Mapping[str, Proof],
    shown: Mapping[str, Picture],
    said: words.Words,
) -> Published:
    def link(href: str) -> str:
        try:
            return links.resolve(href, article, targets)
        except links.Broken:  # reported by links.check; once is enough
            return "#"

    own = {one.fence: proofs.get(one.where) for one in article.examples}
    proven = sum(proof is not None and proof.verdict is Verdict.PROVEN for proof in own.values())
    html = elements.relink(fragment.html, link)
    whole = plain.html(
        elements.relink(html, lambda href: links.absolute(settings.url, article.page, href))
    )
    address = f"{settings.url}/{article.page}"
    return Published(
        article,
        fragment.headings,
        markup.fill(
            pictures.described(html, shown), article, lambda run: figures.blocks(run, own.get, said)
        ),
        portable.html(markup.fill(whole, article, lambda run: plain.blocks(run, said))),
        asmarkdown.render(
            article,
            fragment.links,
            lambda href: links.absolute(settings.url, article.page, link(href)),
        ),
        proven,
        reading.minutes(article),
        pictures.smaller(shown),
        lettering.letter(article, whole, address, said) if settings.newsletter else None,
    )
