"""The build, top to bottom. Everything is made before anything is written.

content/*.md -> Gist -> proofs -> Listed -> pages, feeds, manifest -> site/

Each output is made of inputs that have names. What was made of the same inputs before, and is
still in the site as it was left, is not made again (docs/decisions/0022).
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from msgspec.json import Decoder
from msgspec.structs import replace

from press import compressing, crew, machine, output, prove, scaling
from press.edition import WISH, Built, Checked, Choose, Early, Edition, Wish
from press.memory import KEPT, Damaged, Memory
from press.problems import ProblemsFound
from press.root import cache_folder
from press.run import Run, workshop_of

__all__ = [
    "WISH", "Built", "Checked", "Choose", "Early", "Edition", "Wish", "build", "check", "make",
    "workshop_of", "write",
]  # fmt: skip


def make(root: Path, now: datetime, wish: Wish = WISH) -> Edition:
    """Prove and render a publication as of `now`, from nothing and in this process.

    Raises ProblemsFound with every problem.
    """
    checked = _checked(root, now, wish, None, Memory(None), keeps=True)
    if checked.edition is None:
        raise ProblemsFound(checked.problems)
    return checked.edition


def check(root: Path, now: datetime, wish: Wish = WISH, choose: Choose | None = None) -> Checked:
    """Prove and render a publication as of `now`, and say what is wrong with it.

    Only the examples that `choose` wants are proven. What the last build has made of the same
    inputs is not made again; what is made now is not kept.
    """
    memory = Memory(cache_folder(root) / KEPT, lent=True)
    try:
        return _checked(root, now, wish, choose, memory, keeps=False)
    except Damaged:
        return _checked(root, now, wish, choose, Memory(None), keeps=False)
    finally:
        memory.close()


def _checked(
    root: Path, now: datetime, wish: Wish, choose: Choose | None, memory: Memory, *, keeps: bool
) -> Checked:
    run = Run(root, now, wish, memory, output.Found(), machine.ours(), keeps=keeps)
    with run.team:
        edition = run.edition(choose or (lambda *_: lambda _: True))
    return Checked(
        len(run.articles.out),
        tuple(run.proofs),
        tuple(sorted(set(run.problems))),
        edition,
        run.fragments,
    )


def write(root: Path, edition: Edition) -> output.Written:
    """Bring `site/` to an edition. Raises ProblemsFound."""
    site = root / output.FOLDER
    nothing = output.Found()
    written, left = output.write(site, edition.results, edition.ledge, edition.index, nothing)
    output.settle(stamp for stamp, _ in left.values())
    return written


def build(
    root: Path,
    now: datetime,
    wish: Wish = WISH,
    site: Path | None = None,
    memory: Memory | None = None,
) -> Built:
    """Prove, render and write a publication as of `now`: as much of it as has changed.

    It is written to the folder `site`; `memory` has what it was made of. Raises ProblemsFound with
    every problem, and then leaves the site as it was.
    """
    site = site or root / output.FOLDER
    lock = cache_folder(root) / f"{site.parent.name}-{site.name}.lock"
    with output.alone(lock):
        memory = memory or Memory(cache_folder(root) / KEPT)
        try:
            return _build(root, now, wish, site, memory)
        except (Damaged, crew.Lost):
            memory.forget()
            return _build(root, now, replace(wish, alone=True), site, Memory(None))


def _build(root: Path, now: datetime, wish: Wish, site: Path, memory: Memory) -> Built:
    known, ours = memory.find(SITE, _LEFT), machine.ours()
    is_judged = known is not None and known.inputs == {OURS: ours}
    found = output.find(site, known.value if known else {}, is_judged=is_judged)
    run = Run(root, now, wish, memory, found, ours, site)
    with run.team:
        edition = None
        try:
            edition = run.edition()
        finally:
            if edition is None:
                memory.take_back(run.tasks.fresh)  # it does not get into the site
                memory.save()
        if edition is None:
            raise ProblemsFound(run.problems)
        written, left = output.write(site, edition.results, edition.ledge, edition.index, found)
    memory.keep(SITE, {OURS: ours}, left)
    texts = {name for one in run.tasks.results for name in (one.refers, one.text)}
    memory.save({*run.tasks.used, SITE}, texts)
    _forget(run)
    output.settle(stamp for stamp, _ in left.values())
    out = {gist.path for gist in run.articles.out}
    holds = not out & run.articles.asked_again
    return Built(edition, written, holds, output.stamps(found, written, left), partial(_ahead, run))


def _ahead(run: Run, saved: Path, prover: prove.Prover) -> Mapping[str, bytes]:
    """As `Built.ahead`."""
    from press import ahead  # only a preview asks

    return ahead.files(run, saved, prover)


OURS = "Proofpress"
SITE = "the site"
"""The name of the record of what a build has left in it."""
_LEFT = Decoder(output.Left)


def _forget(run: Run) -> None:
    """Remove what is kept of what is no part of the publication any more."""
    shop, cache = run.shop, run.shop.workshop.cache
    scaling.forget({name for gist in run.articles.out for name in gist.images}, cache)
    if shop.config.compressed:
        compressing.forget((one.digest for one in run.tasks.results), cache)
