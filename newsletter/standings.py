"""What a list of addresses, as other tools write it, says of somebody: whether they may be told.

Nobody is to be told of whom a list says that they have gone. So what it says is either understood
or nothing that is taken.
"""

import re
from enum import StrEnum
from functools import lru_cache


class Said(StrEnum):
    """What a cell says of somebody."""

    TOLD = "may be told"
    GONE = "must not be told"
    UNCLEAR = "can't be understood"


class Column(StrEnum):
    """What a column is about."""

    STANDING = "their standing, in a word"
    TOLD = "whether they are told"
    AGREED = "whether they have agreed, which is not yet whether they have gone"
    GONE = "whether or when they have gone"


def _plain(text: str) -> str:
    """A name or a word without what tools write differently: `Opt-out`, `OPT_OUT`, `optOut`."""
    return re.sub(r"[\W_]+", "", text.lower()) or text


STANDINGS = re.compile(
    r"standing|statut|estado|stato"
    r"|(?:e?mail|mailing|subscription|subscriber|member|membership|contact|list|newsletter"
    r"|emailmarketing|marketing|permission|emailpermission|consent)?(?:status|state)"
    r"|emailmarketingconsent"
)
LEAVING = re.compile(
    r"unsub|opt(?:s|ed|ing)?out|suppress|blacklist|blocklist|blocked|complain|hardbounce|bounced"
    r"|donot(?:e?mail|contact|send)|excludedfrom|e?maildisabled"
    r"|^(?:is)?(?:cleaned|removed|deleted|erased|disabled)|^clean(?:time|date)"
    r"|abgemeldet|abmeld|ausgetragen|d[eé]sabonn|d[eé]sinscri"
)
LEADING = re.compile(r"(?:url|uri|link|page|token|key|hash|code|id)$")
"""Of where or how one leaves, which everybody has."""

DATE = re.compile(
    r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}|[0-9]{10}(?:[0-9]{3})?$"
    r"|[^\W\d_]{3,9}\.? [0-9]{1,2},? [0-9]{4}|[0-9]{1,2}\.? [^\W\d_]{3,9}\.? [0-9]{4}"
)
"""How a date begins, as people and programs write it."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TELLING = _words("""
    subscribed issubscribed emailsubscribed subscribedtoemail subscribedtoemails
    abonniert angemeldet abonné inscrit suscrito
""")
AGREEING = _words("""
    optin optedin emailoptin active isactive enabled isenabled confirmed isconfirmed emailconfirmed
    consent emailconsent marketingconsent acceptsmarketing acceptsemailmarketing newsletter
""")

TOLD = _words("""
    confirmed subscribed active enabled regular premium optedin optin
    abonniert angemeldet abonné inscrit suscrito
""")
GONE = _words("""
    unsubscribed erased suppressed unsubscribe unsub optedout optout cleaned bounced hardbounced
    hardbounce complained complaint spam spammy junk blacklisted blocklisted blocked removed deleted
    disabled cancelled canceled left gone abgemeldet ausgetragen gelöscht désabonné désinscrit
    cancelado uitgeschreven disiscritto
""")
SURELY = _words("""
    unsubscribed unsubscribe optedout opted-out optout opt-out blacklisted blocklisted suppressed
    bounced abgemeldet désabonné désinscrit
""")
"""What is about mail, in whatever column it stands."""

YES = _words("1 yes y true t x on ja oui si sí ✓")
NO = _words("0 no n false f off nein non")
NOTHING = _words("null none nan nil na - never") | {""}


def column(name: str) -> Column | None:
    """What a column of this name is about; None for one that says nothing of leaving."""
    plain = _plain(name)
    if STANDINGS.fullmatch(plain):
        return Column.STANDING
    if LEAVING.search(plain) and not LEADING.search(plain):
        return Column.GONE
    if plain in TELLING:
        return Column.TOLD
    return Column.AGREED if plain in AGREEING else None


@lru_cache(maxsize=1000)
def said(of: Column, cell: str) -> Said:
    """What a cell of such a column says."""
    word = _plain(cell)
    if word in GONE:
        return Said.GONE
    if of is Column.STANDING:
        return Said.TOLD if not cell or word in TOLD else Said.UNCLEAR
    if of is Column.GONE:
        if word in NO | NOTHING or not word.strip("0"):  # the date that is none: 0000-00-00
            return Said.TOLD
        return Said.GONE if word in YES or DATE.match(cell) else Said.UNCLEAR
    if word in YES | TOLD or DATE.match(cell):
        return Said.TOLD
    return Said.GONE if of is Column.TOLD and word in NO else Said.UNCLEAR
