"""Every mail that the product can send, of publications that are built: what all judges look at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import structs

from newsletter import letters
from newsletter.compose import Composer, composer
from newsletter.mime import content
from newsletter.model import Kind, Mail, Message, Note
from press import config, letter, manifest, output

APP = "https://news.example.org"
LINK = f"{APP}/{'s' * 43}"
"""As long as the secret ones are."""
DATE = "2026-06-01T12:00:00+00:00"
READER = "reader@example.net"


@dataclass(frozen=True)
class Sent:
    """A mail as one reader has it."""

    name: str
    """Of its publication, its kind and its article: `own-new-concurrency`."""
    message: Message

    @property
    def html(self) -> str:
        return self.message.personal(self.message.mail.html)

    @property
    def text(self) -> str:
        return self.message.personal(self.message.mail.text)

    @property
    def raw(self) -> bytes:
        """As it goes to the reader's server."""
        return content(self.message)


def stripped(html: str) -> str:
    """What is left of a mail in a program that knows no styles, and has colours of its own."""
    html = re.sub(
        r"<style>.*?</style>|<meta name=\"color-scheme\"[^>]*>", "", html, flags=re.DOTALL
    )
    return re.sub(r' (?:style|class)="[^"]*"', "", html)


def every(name: str, root: Path) -> list[Sent]:
    """All mails of a built publication."""
    return [
        Sent(f"{name}-{what}", Message(mail, "d" * 28, READER, "t" * 43, DATE))
        for what, mail in _mails(root)
    ]


def composer_of(root: Path, **newsletter: object) -> Composer:
    """The composer of a publication that has pages for its subscribers, with other settings."""
    settings = config.load(root)
    assert settings.newsletter
    values = {"app_url": APP, "unsubscribe_url": f"{APP}/unsubscribe/{{token}}", **newsletter}
    changed = structs.replace(settings.newsletter, **values)
    settings = structs.replace(settings, newsletter=changed)
    return composer(root, settings, manifest.load(root / "site"))


def _mails(root: Path) -> Iterator[tuple[str, Mail]]:
    made = composer_of(root)
    articles = made.manifest.articles
    for article in articles:
        yield f"new-{article.slug}", made.mail(article)
        if article.changes:
            yield f"update-{article.slug}", made.mail(article, Kind.UPDATE)
    first = articles[0]
    yield "new-and-too-long", _too_long(made)
    yield "summary", composer_of(root, content="summary").mail(first)
    yield "update-without-changes", made.mail(replace(first, changes=()), Kind.UPDATE)
    fault = manifest.Change(
        "2026-06-10T00:00:00+00:00", f"It said {first.title}. " * 9, correction=True
    )
    yield "correction", made.mail(replace(first, changes=(fault,)), Kind.CORRECTION, fault.id)
    yield "test", made.mail(first, marked=True)
    yield "left-by-mail", composer_of(root, app_url="", unsubscribe_url="").mail(first)
    yield "digest", made.digest(articles, "digest-2026-06-01")
    yield "digest-of-one", made.digest(articles[:1], "digest-2026-06-02")
    for kind in Note:
        yield kind, made.note(kind, LINK)
    for kind in (Note.WELCOME, Note.KNOWN):
        yield f"{kind}-of-settings", made.note(kind)
        yield f"{kind}-without-link", composer_of(root, app_url="").note(kind)


def _too_long(made: Composer) -> Mail:
    """The mail of an article that has all of every article, time and again."""
    every_one = [
        letters.read(made.site, one, made.manifest.files) for one in made.manifest.articles
    ]
    sections = [section for one in every_one if one for section in one.sections]
    times = 200_000 // sum(len(one.html) for one in sections) + 1
    content = letter.dump(letter.Letter(tuple(sections * times)))
    article = replace(made.manifest.articles[0], letter="long.json")
    with TemporaryDirectory() as folder:
        Path(folder, article.letter).write_bytes(content)
        files = {article.letter: output.digest(content)}
        published = replace(made.manifest, files=files)
        return replace(made, site=Path(folder), manifest=published).mail(article)
