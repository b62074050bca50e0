"""What is to be told -> Mail, with marks for what is each subscriber's own. The same each time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsletter import letters
from newsletter.inlining import inlined
from newsletter.letters import Body
from newsletter.listing import MailingList, mailing_list
from newsletter.model import DELIVERY, TOKEN, Kind, Mail, Note
from newsletter.plan import correction
from newsletter.rendering import Templates, templates
from press import words
from press.config import Config, Newsletter
from press.manifest import Entry, Manifest
from press.problems import Code, Problem, ProblemsFound

ANNOUNCEMENT, DIGEST = "announcement", "digest"
SITE = "site"
"""The folder of a publication that a build makes."""
LONGEST = 90_000
"""Bytes of HTML. Gmail shows some 102,000, and hides the rest with the way to leave in it."""
LONGEST_OWN = "x" * 64
"""What stands for a mark where a mail is measured: no token or id is longer (mime.PERSONAL)."""
NEWEST = 3
"""Articles that a welcome names."""
AUTOMATIC = {"Auto-Submitted": "auto-generated"}
"""A mail that a program made up: nobody's absence is to be told to it (RFC 3834, 5)."""


@dataclass(frozen=True, slots=True)
class Composer:
    """All that the mails of a publication share. What it makes raises ProblemsFound for a fault of
    a template, or of the site."""

    config: Config
    newsletter: Newsletter
    manifest: Manifest
    templates: Templates
    mailing: MailingList
    site: Path

    @property
    def preferences(self) -> str:
        """Where subscribers ask for the way to their settings; empty where nothing answers."""
        return self.newsletter.app_url and f"{self.newsletter.app_url}/preferences"

    def mail(
        self, article: Entry, kind: Kind = Kind.NEW, revision: str = "", *, marked: bool = False
    ) -> Mail:
        """The mail that tells of an article; `marked` says of a copy that it is a test.

        `revision` is that of a correction.
        """
        ids = [one.id for one in self.manifest.articles]
        values = {
            **self._shared(kind, marked=marked),
            "article": article,
            "position": ids.index(article.id) + 1,
            "count": len(ids),
            "update": kind is Kind.UPDATE,
            "correction": correction(article, revision) if kind is Kind.CORRECTION else None,
            "changes": article.changes[::-1],
        }
        values["body"] = self._body(article, values)
        headers = self.mailing.identity(article.id, kind) | self.mailing.headers()
        return self._made(ANNOUNCEMENT, article.id, headers, values)

    def digest(self, articles: Sequence[Entry], digest_id: str, *, marked: bool = False) -> Mail:
        """One mail that tells of several articles; those who get the same share its id."""
        headers = self.mailing.identity(digest_id, DIGEST) | self.mailing.headers() | AUTOMATIC
        values = {**self._shared(DIGEST, marked=marked), "articles": tuple(articles)}
        return self._made(DIGEST, digest_id, headers, values)

    def note(self, kind: Note, link: str = "") -> Mail:
        """A mail to one person. `link` is theirs alone: it stands in the text, in no header.

        A welcome and a note to somebody who is known need none: they lead to what one may choose.
        """
        newest = sorted(self.manifest.articles, key=lambda one: one.date, reverse=True)[:NEWEST]
        headers = self.mailing.identity(kind, "note") | AUTOMATIC
        if kind is Note.WELCOME:
            headers |= self.mailing.headers()
        own = {"link": link or self.preferences, "articles": tuple(newest)}
        return self._made(kind, kind, headers, {**self._shared(kind, marked=False), **own})

    def _made(
        self, template: str, campaign: str, headers: Mapping[str, str], values: Mapping[str, object]
    ) -> Mail:
        values = {**values, "subject": self._subject(values)}
        return Mail(
            campaign,
            self.newsletter.sender,
            self.newsletter.reply_to,
            str(values["subject"]),
            self.templates.render(f"{template}.txt", values),
            self._html(template, values),
            headers,
        )

    def _subject(self, values: Mapping[str, object]) -> str:
        return self.templates.render("subject.txt", values).strip()

    def _html(self, template: str, values: Mapping[str, object]) -> str:
        return inlined(self.templates.render(f"{template}.html", values))

    def _body(self, article: Entry, values: Mapping[str, object]) -> Body | None:
        """What the mail shows of an article: nothing of one that they have read before."""
        if values["update"] or values["correction"] or self.newsletter.content == "summary":
            return None
        whole = letters.read(self.site, article, self.manifest.files)
        named = {**values, "subject": self._subject(values)}

        def fits(body: Body | None) -> bool:
            return weight(self._html(ANNOUNCEMENT, {**named, "body": body})) <= LONGEST

        return letters.fitting(whole, fits) if whole else None

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
            "preferences": self.preferences,
        }


def weight(html: str) -> int:
    """Bytes of a mail's HTML as its reader's program has it, at most."""
    personal = html.replace(TOKEN, LONGEST_OWN).replace(DELIVERY, LONGEST_OWN)
    return len(personal.encode()) + personal.count("\n")


def composer(root: Path, config: Config, manifest: Manifest, site: Path | None = None) -> Composer:
    """The Composer of a publication, whose site may be built elsewhere.

    Raises ProblemsFound where series.toml has no newsletter.
    """
    if config.newsletter is None:
        message = "there is no table [newsletter]"
        hint = "it has `from`, `reply-to` and `postal-address`: see docs/settings.md"
        raise ProblemsFound([Problem("series.toml", 0, 0, Code.MISSING_VALUE, message, hint)])
    newsletter = config.newsletter
    spoken = templates(root, words.of(root, config.language))
    mailing = mailing_list(config, newsletter)
    return Composer(config, newsletter, manifest, spoken, mailing, site or root / SITE)
