"""Article + subscriber -> Message. The same delivery always composes to the same bytes."""

import re
import traceback
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, select_autoescape

from newsletter.model import Delivery, Message
from press.config import Config, Newsletter
from press.manifest import Entry, Manifest
from press.problems import Code, Problem, ProblemsFound, SourceText

OURS = Path(__file__).parent.parent / "templates" / "email"
FOLDER = "templates/email"

WHOLE = frozenset({"list-archive", "list-id", "list-unsubscribe", "message-id"})
"""Headers of one long word, which must not be folded or encoded."""

ENCODED = frozenset({"subject", "from", "reply-to"})


def _encoded(name: str, value: str) -> str:
    """A header's text as encoded words (RFC 2047). EmailPolicy loses spaces where it breaks it."""
    phrase, address = (value, "") if name.lower() == "subject" else parseaddr(value)
    words = Header(phrase, "utf-8", header_name=name).encode(linesep="\r\n")
    return f"{words}\r\n <{address}>" if address else words


class _Policy(EmailPolicy):
    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in WHOLE:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        if name.lower() in ENCODED and not value.isascii():
            return f"{name}: {_encoded(name, value)}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


POLICY = _Policy(linesep="\r\n", max_line_length=78)


@dataclass(frozen=True, slots=True)
class Composer:
    """All that the mails of a publication share."""

    config: Config
    newsletter: Newsletter
    manifest: Manifest
    templates: Environment

    def compose(self, article: Entry, delivery: Delivery) -> Message:
        """The mail that tells a subscriber of an article. Raises ProblemsFound for a template."""
        leave = self._unsubscribe_address(delivery)
        values = {
            "article": article,
            "series": self.manifest.series,
            "newsletter": self.newsletter,
            "position": [one.id for one in self.manifest.articles].index(article.id) + 1,
            "count": len(self.manifest.articles),
            "unsubscribe": leave,
        }
        mail = EmailMessage(policy=POLICY)
        mail["From"] = self.newsletter.sender
        mail["To"] = Address(addr_spec=delivery.subscriber.email)
        mail["Reply-To"] = self.newsletter.reply_to
        mail["Subject"] = article.title
        mail["Date"] = format_datetime(datetime.fromisoformat(delivery.created_at))
        mail["Message-ID"] = f"<{delivery.id}.{article.id}@{self._domain()}>"
        mail["List-Id"] = f"<{list_id(self.config.id)}>"
        mail["List-Unsubscribe"] = f"<{leave}>"
        mail["List-Archive"] = f"<{self.config.url}/>"
        mail.set_content(self._render("announcement.txt", values), cte="quoted-printable")
        html = self._render("announcement.html", values)
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
        # A boundary of the delivery's own: email's default is random.
        mail.set_boundary(f"=_{delivery.id}")
        return Message(delivery.id, article.id, delivery.subscriber.email, mail.as_bytes())

    def _unsubscribe_address(self, delivery: Delivery) -> str:
        subject = quote(f"unsubscribe {delivery.subscriber.token}")
        return f"mailto:{quote(self.newsletter.reply_address, safe='@')}?subject={subject}"

    def _domain(self) -> str:
        return parseaddr(self.newsletter.sender)[1].rpartition("@")[2]

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
    )
    return Composer(config, config.newsletter, manifest, templates)


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
