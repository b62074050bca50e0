"""Article -> Mail, with marks for what is each subscriber's own. The same each time."""

import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, select_autoescape

from newsletter.model import DELIVERY, TOKEN, Kind, Mail
from press.config import Config, Newsletter
from press.manifest import Entry, Manifest
from press.problems import Code, Problem, ProblemsFound, SourceText

OURS = Path(__file__).parent.parent / "templates" / "email"
FOLDER = "templates/email"


@dataclass(frozen=True, slots=True)
class Composer:
    """All that the mails of a publication share."""

    config: Config
    newsletter: Newsletter
    manifest: Manifest
    positions: Mapping[str, int]
    """Id of each article -> its place in the series, from 1."""
    templates: Environment

    def mail(self, article: Entry, kind: Kind = Kind.NEW, *, marked: bool = False) -> Mail:
        """The mail that tells of an article, with marks for what is each subscriber's own.

        `marked` says of a copy that it is a test. Raises ProblemsFound for a template's fault.
        """
        leave = self.newsletter.unsubscribe_url.replace("{token}", TOKEN) or self._by_mail()
        values = {
            "article": article,
            "series": self.manifest.series,
            "newsletter": self.newsletter,
            "position": self.positions[article.id],
            "count": len(self.manifest.articles),
            "unsubscribe": leave,
            "by_web": bool(self.newsletter.unsubscribe_url),
            "update": kind is Kind.UPDATE,
        }
        words = {Kind.NEW: "", Kind.UPDATE: "Updated: "}[kind]
        return Mail(
            article.id,
            self.newsletter.sender,
            self.newsletter.reply_to,
            f"{'[Test] ' if marked else ''}{words}{article.title}",
            self._render("announcement.txt", values),
            self._render("announcement.html", values),
            self._headers(article),
        )

    def _headers(self, article: Entry) -> dict[str, str]:
        """Those of a list (RFC 2919, 2369, 8058), and an identity that a second copy shares."""
        by_web = self.newsletter.unsubscribe_url.replace("{token}", TOKEN)
        ways = [f"<{way}>" for way in (by_web, self._by_mail()) if way]
        domain = parseaddr(self.newsletter.sender)[1].rpartition("@")[2]
        one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if by_web else {}
        return {
            "Message-ID": f"<{DELIVERY}.{article.id}@{domain}>",
            "List-Id": f"<{list_id(self.config.id)}>",
            "List-Unsubscribe": ", ".join(ways),
            **one_click,
            "List-Archive": f"<{self.config.url}/>",
        }

    def _by_mail(self) -> str:
        subject = quote("unsubscribe ") + TOKEN
        return f"mailto:{quote(self.newsletter.reply_address, safe='@')}?subject={subject}"

    def _render(self, name: str, values: dict[str, object]) -> str:
        try:
            return self.templates.get_template(name).render(values)
        except Exception as error:  # noqa: BLE001  # a template may raise anything
            raise ProblemsFound([_template_problem(self.templates, name, error)]) from None


def composer(root: Path, config: Config, manifest: Manifest) -> Composer:
    """The Composer of a publication. Raises ProblemsFound where series.toml has no newsletter."""
    if config.newsletter is None:
        message = "there is no table [newsletter]"
        hint = "it has `from`, `reply-to` and `postal-address`: see docs/settings.md"
        raise ProblemsFound([Problem("series.toml", 0, 0, Code.MISSING_VALUE, message, hint)])
    templates = Environment(
        loader=FileSystemLoader([str(root / FOLDER), str(OURS)]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    templates.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    positions = {article.id: place for place, article in enumerate(manifest.articles, 1)}
    return Composer(config, config.newsletter, manifest, positions, templates)


def list_id(series_id: str) -> str:
    """The identity of the list (RFC 2919), from the tag URI of the series: neither ever changes."""
    authority, _, specific = series_id.removeprefix("tag:").partition(":")
    host = authority.partition(",")[0].rpartition("@")[2]
    label = re.sub(r"[^A-Za-z0-9]+", "-", specific).strip("-") or "series"
    return f"{label}.{host}"


def _template_problem(templates: Environment, name: str, error: Exception) -> Problem:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(name)]
    line = getattr(error, "lineno", None) or (frames[-1].lineno if frames else 0) or 0
    text = templates.loader.get_source(templates, name)[0] if line and templates.loader else ""
    kind = "" if isinstance(error, TemplateError) else f"{type(error).__name__}: "
    return SourceText(f"{FOLDER}/{name}", text).problem(
        Code.TEMPLATE_FAILED, line, 1 if line else 0, f"{kind}{error}"
    )
