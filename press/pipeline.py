"""The build, top to bottom. Everything is made before anything is written.

content/*.md -> Manuscript -> proofs, fragments -> pages, feeds, manifest -> site/
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from press import (
    assets,
    binding,
    config,
    faults,
    feeds,
    links,
    making,
    markup,
    output,
    pages,
    pictures,
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
    Fence,
    Fragment,
    Listed,
    Manuscript,
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
    held_back: tuple[Manuscript, ...]
    """Drafts, and articles of the future."""
    warnings: tuple[str, ...] = ()
    """What it lacks, though nothing is wrong."""
    published: tuple[Published, ...] = ()
    """Its articles, with their HTML."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found."""

    articles: int
    proofs: tuple[Proof, ...]
    problems: tuple[Problem, ...]
    """Sorted, each once."""
    edition: Edition | None
    """What a build would write; None where there are problems."""
    fragments: tuple[tuple[Manuscript, Fragment], ...] = ()
    """What was rendered of it."""
    warnings: tuple[str, ...] = ()
    """What could not be told."""


Choose = Callable[[Sequence[Manuscript], Sequence[str]], Callable[[Example], bool]]
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
    prover: prove.Prover | None = None,
) -> Checked:
    """Prove and render a publication as of `now`, and say what is wrong with it.

    With `drafts`, what is not published yet is proven and rendered as if it were. With `afresh`,
    no proof of an earlier run is relied on. Only the examples that `choose` wants are proven. A
    `prover` takes the place of `prove.prove`, whatever the rest says.
    """
    prover = prover or partial(prove.prove, afresh=afresh, progress=progress)
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
    shown, more = _pictures(fragments, cache_folder(root))
    problems += more
    wanted = choose(articles, unparsed)
    examples = [one for article in articles for one in article.examples if wanted(one)]
    proofs = prover(examples, workshop_of(root))
    problems += prove.problems(proofs)
    by_place = {proof.example.where: proof for proof in proofs}
    listed = tuple(_listed(article, fragment, by_place) for article, fragment in fragments)
    coming = series.coming(held_back, now) if settings.coming else None
    site = Site(settings, listed, said, coming)
    bound = [
        binding.bind(
            article, fragment, one, settings, said,
            _link(article, targets), _proof(article, by_place), shown[article.path],
        )
        for (article, fragment), one in zip(fragments, listed, strict=True)
    ]  # fmt: skip
    by_page = {article.page: article for article, _ in fragments}
    made = making.make(root, site, bound, static, search, by_page.get)
    problems += made.problems
    edition = None
    if not problems:
        index = making.index(site, made.outputs)
        texts = tuple(one.published for one in bound)
        edition = Edition(site, tuple(proofs), made.outputs, index, held_back, made.warnings, texts)
    found = tuple(sorted(set(problems)))
    return Checked(len(articles), tuple(proofs), found, edition, tuple(fragments))


def write(root: Path, edition: Edition) -> output.Written:
    """Bring `site/` to an edition. Raises ProblemsFound."""
    return output.write(root, edition.outputs, edition.index)


def _fragments(
    articles: Sequence[Manuscript], said: words.Words
) -> tuple[list[tuple[Manuscript, Fragment]], list[Problem]]:
    fragments: list[tuple[Manuscript, Fragment]] = []
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


def _pictures(
    fragments: Sequence[tuple[Manuscript, Fragment]], cache: Path
) -> tuple[dict[str, Mapping[str, Picture]], list[Problem]]:
    """The images of each article, by its path."""
    shown: dict[str, Mapping[str, Picture]] = {}
    problems: list[Problem] = []
    for article, fragment in fragments:
        shown[article.path], more = pictures.of(article, fragment, cache)
        problems += more
    scaling.forget((one for found in shown.values() for one in found.values()), cache)
    return shown, problems


def _targets(
    fragments: Sequence[tuple[Manuscript, Fragment]],
    held_back: Sequence[Manuscript],
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


def _listed(article: Manuscript, fragment: Fragment, proofs: Mapping[str, Proof]) -> Listed:
    own = [proofs.get(one.where) for one in article.examples]
    return Listed(
        binding.article(article),
        fragment.headings,
        reading.minutes(article),
        len(article.examples),
        sum(proof is not None and proof.verdict is Verdict.PROVEN for proof in own),
    )


def _proof(article: Manuscript, proofs: Mapping[str, Proof]) -> Callable[[Fence], Proof | None]:
    own = {one.fence: proofs.get(one.where) for one in article.examples}
    return own.get


def _link(article: Article, targets: links.Targets) -> Callable[[str], str]:
    def link(href: str) -> str:
        try:
            return links.resolve(href, article, targets)
        except links.Broken:  # reported by links.check; once is enough
            return "#"

    return link
