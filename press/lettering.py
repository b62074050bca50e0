"""An article's HTML -> its letter: what its mail has, as HTML and as text, in the same pieces."""

from press import mailhtml, portable
from press.letter import Letter, Section
from press.mailtext import Writer
from press.model import Manuscript
from press.words import Words


def letter(article: Manuscript, html: str, address: str, words: Words) -> Letter:
    """The letter of an article. `html` is in words, with whole addresses and with its slots;
    `address` is that of its page."""
    simple = mailhtml.simple(portable.html(html, marked=True))
    writer = Writer(article.fences, address, words)
    made: list[Section] = []
    for piece, within in mailhtml.sections(mailhtml.with_fences(simple)):
        known = len(writer.links)
        text = writer.text(within)
        shown = mailhtml.filled(piece, article.fences, words).strip("\n")
        if shown:
            made.append(Section(shown, text, tuple(writer.links[known:])))
    return Letter(tuple(made))
