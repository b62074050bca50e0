"""What is to be told -> Mail, with marks for what is each subscriber's own. The same each time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsletter.listing import MailingList, mailing_list
from newsletter.model import Kind, Mail, Note
from newsletter.rendering import Templates, templates
from press import words
from press.config import Config, Newsletter
from press.manifest import Entry, Manifest
from press.problems import Code, Problem, ProblemsFound

DIGEST = "digest"
NEWEST = 3
"""Articles that a welcome names."""
AUTOMATIC = {"Auto-Submitted": "auto-generated"}
"""A mail that a program made up: nobody's absence is to be told to it (RFC 3834, 5)."""


@dataclass(frozen=True, slots=True)
class Composer:
    """All that the mails of a publication share. What it makes raises ProblemsFound for a fault of
    a template."""

    config: Config
    newsletter: Newsletter
    manifest: Manifest
    templates: Templates
    mailing: MailingList

    def mail(self, article: Entry, kind: Kind = Kind.NEW, *, marked: bool = False) -> Mail:
        """The mail that tells of an article; `marked` says of a copy that it is a test."""
        ids = [one.id for one in self.manifest.articles]
        values: dict[str, object] = {
            "article": article,
            "position": ids.index(article.id) + 1,
            "count": len(ids),
            "update": kind is Kind.UPDATE,
        }
        headers = self.mailing.identity(article.id, kind) | self.mailing.headers()
        return self._made("announcement", kind, article.id, headers, values, marked=marked)

    def digest(self, articles: Sequence[Entry], digest_id: str, *, marked: bool = False) -> Mail:
        """One mail that tells of several articles; those who get the same share its id."""
        headers = self.mailing.identity(digest_id, DIGEST) | self.mailing.headers() | AUTOMATIC
        values = {"articles": tuple(articles)}
        return self._made(DIGEST, DIGEST, digest_id, headers, values, marked=marked)

    def note(self, kind: Note, link: str = "") -> Mail:
        """A mail to one person. `link` is theirs alone: it stands in the text, in no header.

        A welcome and a note to somebody who is known may have none: then the site has no settings.
        """
        newest = sorted(self.manifest.articles, key=lambda one: one.date, reverse=True)[:NEWEST]
        headers = self.mailing.identity(kind, "note") | AUTOMATIC
        if kind is Note.WELCOME:
            headers |= self.mailing.headers()
        return self._made(kind, kind, kind, headers, {"link": link, "articles": tuple(newest)})

    def _made(
        self,
        template: str,
        kind: str,
        campaign: str,
        headers: Mapping[str, str],
        own: Mapping[str, object],
        *,
        marked: bool = False,
    ) -> Mail:
        values = {**self._shared(kind, marked=marked), **own}
        subject = self.templates.render("subject.txt", values).strip()
        values |= {"subject": subject}
        return Mail(
            campaign,
            self.newsletter.sender,
            self.newsletter.reply_to,
            subject,
            self.templates.render(f"{template}.txt", values),
            self.templates.render(f"{template}.html", values),
            headers,
        )

    def _shared(self, kind: str, *, marked: bool) -> dict[str, object]:
        """What every template is given."""
        return {
            "kind": kind,
            "marked": marked,
            "series": self.manifest.series,
            "direction": self.config.direction,
            "newsletter": self.newsletter,
            "unsubscribe": self.mailing.leave,
            "by_web": bool(self.mailing.by_web),
        }


def composer(root: Path, config: Config, manifest: Manifest) -> Composer:
    """The Composer of a publication. Raises ProblemsFound where series.toml has no newsletter."""
    if config.newsletter is None:
        message = "there is no table [newsletter]"
        hint = "it has `from`, `reply-to` and `postal-address`: see docs/settings.md"
        raise ProblemsFound([Problem("series.toml", 0, 0, Code.MISSING_VALUE, message, hint)])
    newsletter = config.newsletter
    spoken = templates(root, words.of(root, config.language))
    return Composer(config, newsletter, manifest, spoken, mailing_list(config, newsletter))
