"""A manuscript and what became known of it -> all that the site has of it but pages and feeds."""

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from press import (
    asmarkdown,
    elements,
    figures,
    history,
    letter,
    links,
    markup,
    pictures,
    plain,
    portable,
)
from press.config import Config
from press.images import Picture
from press.model import Fence, Fragment, Listed, Manuscript, OutputFile, Proof, Published
from press.words import Words


class Bound(Struct, frozen=True):
    """What an article brings to its site."""

    published: Published
    files: tuple[OutputFile, ...]
    """Its text as Markdown and for mail, what lies beside it, and its images made smaller."""


def bind(
    manuscript: Manuscript,
    fragment: Fragment,
    listed: Listed,
    config: Config,
    said: Words,
    link: Callable[[str], str],
    proof: Callable[[Fence], Proof | None],
    shown: Mapping[str, Picture],
) -> Bound:
    """`link` gives the address in the site for one as the author wrote it."""
    page = manuscript.page
    html = elements.relink(fragment.html, link)
    whole = plain.html(elements.relink(html, lambda href: links.absolute(config.url, page, href)))
    made = published(
        listed,
        html=markup.fill(
            pictures.described(html, shown),
            manuscript,
            lambda run: figures.blocks(run, proof, said),
        ),
        feed_html=history.around(
            portable.html(markup.fill(whole, manuscript, lambda run: plain.blocks(run, said))),
            manuscript,
            said,
        ),
    )
    text = asmarkdown.render(
        manuscript, fragment.links, lambda href: links.absolute(config.url, page, link(href))
    )
    files = [OutputFile(f"{manuscript.slug}.md", text.encode())]
    if config.newsletter:
        from press import lettering

        mail = lettering.letter(manuscript, whole, f"{config.url}/{page}", said)
        files.append(OutputFile(letter.path(manuscript.slug), letter.dump(mail)))
    return Bound(made, (*files, *_beside(manuscript), *_smaller(shown)))


def _beside(manuscript: Manuscript) -> Iterator[OutputFile]:
    for name, content in manuscript.files.items():
        yield OutputFile(f"{manuscript.slug}/{name}", content)


def _smaller(shown: Mapping[str, Picture]) -> Iterator[OutputFile]:
    for path, content in pictures.smaller(shown).items():
        yield OutputFile(path, content)


def published(listed: Listed, html: str, feed_html: str) -> Published:
    own = {name: getattr(listed, name) for name in Listed.__struct_fields__}
    return Published(**own, html=html, feed_html=feed_html)
