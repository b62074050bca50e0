"""The tables. The migrations make them; a test proves that both say the same.

Times are UTC, ISO 8601, as text: both engines sort and compare them alike.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from newsletter.model import Standing, State

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _one_of(column: str, words: type[State] | type[Standing]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


installation = Table(
    "installation",
    metadata,
    Column("id", String(32), primary_key=True),  # random, made with the ledger
    Column("home", String(64), nullable=False, server_default=""),  # where it may send from
    Column("moved_to", Text),  # another ledger goes on from this one
)

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(320), nullable=False),
    Column("mailbox", String(320), nullable=False, unique=True),
    Column("token", String(32), nullable=False, unique=True),
    Column("key", String(16), nullable=False),  # derived: the second half of its deliveries' ids
    Column("standing", String(16), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("cadence", String(16), nullable=False, server_default="each"),
    Column("every_days", Integer, nullable=False, server_default="0"),  # of a course
    Column("paused", Integer, nullable=False, server_default="0"),  # 1: told of nothing for now
    Column("moved_to", Integer),  # the subscriber that they are at another address
    Column("soft_bounces", Integer, nullable=False, server_default="0"),  # since one was delivered
    _one_of("standing", Standing),
)

topic = Table(  # the tags that a subscriber is told of; of all, where there is none
    "topic",
    metadata,
    Column("subscriber_id", ForeignKey("subscriber.id"), primary_key=True),
    Column("tag", String(100), primary_key=True),
)

consent = Table(  # how and when each subscriber came and went
    "consent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False, index=True),
    Column("standing", String(16), nullable=False),
    Column("how", Text, nullable=False),
    Column("at", String(32), nullable=False),
    # Of who asked by a form: which form, in which wording, when, and from which networks.
    Column("form", String(64), nullable=False, server_default=""),
    Column("wording", String(32), nullable=False, server_default=""),
    Column("asked_at", String(32), nullable=False, server_default=""),
    Column("asked_from", String(64), nullable=False, server_default=""),
    Column("confirmed_from", String(64), nullable=False, server_default=""),
)

suppression = Table(  # mailboxes that must never be written to again
    "suppression",
    metadata,
    Column("mailbox", String(320), primary_key=True),
    Column("reason", String(64), nullable=False),
    Column("at", String(32), nullable=False),
)

announcement = Table(
    "announcement",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("article_id", String(100), nullable=False),
    Column("kind", String(16), nullable=False),
    Column(
        "revision", String(40), nullable=False, server_default=""
    ),  # of an update or correction: its date
    Column("baseline", Integer, nullable=False),  # 1: known before the first run, told to nobody
    Column("title", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    UniqueConstraint("article_id", "kind", "revision"),
)

batch = Table(
    "batch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("announcement_id", ForeignKey("announcement.id"), nullable=False, index=True),
    Column("provider", String(32), nullable=False),
    Column("key", String(64), nullable=False, unique=True),
    Column("payload", LargeBinary),  # frozen; dropped when no delivery of it is in doubt any more
    Column("payload_sha256", String(64), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("owner", String(32), nullable=False, server_default=""),  # the sender that has it
    Column("created_at", String(32), nullable=False),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("announcement_id", ForeignKey("announcement.id"), nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("mailbox", String(320), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("batch_id", ForeignKey("batch.id"), index=True),
    Column("created_at", String(32), nullable=False),
    # The two promises: an article is told once to a subscriber, and once to a mailbox.
    UniqueConstraint("announcement_id", "subscriber_id"),
    UniqueConstraint("announcement_id", "mailbox"),
    _one_of("state", State),
)

attempt = Table(  # committed before the provider is called
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("batch_id", ForeignKey("batch.id"), nullable=False, index=True),
    Column("fence", Integer, nullable=False),
    Column("started_at", String(32), nullable=False),
    Column("ended_at", String(32)),
    Column("outcome", Text),
)

tally = Table(  # each change of how many deliveries are in a state; their sum is how many are
    "tally",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("announcement_id", ForeignKey("announcement.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),  # of what is skipped or unknown
    Column("change", Integer, nullable=False),
)

event = Table(  # what providers have told since, each once, as it came
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("provider", String(32), nullable=False),
    Column("dedupe", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("delivery_id", String(32), index=True),
    Column("raw", Text, nullable=False),
    Column("at", String(32), nullable=False),
    UniqueConstraint("provider", "dedupe"),
)

pace = Table(  # when a provider may be asked next, for all senders of this ledger
    "pace",
    metadata,
    Column("provider", String(32), primary_key=True),
    Column("next_at", Float, nullable=False),  # seconds since 1970
    Column("reason", Text, nullable=False, server_default=""),
)

verdict = Table(  # what a person has decided of deliveries that were unknown
    "verdict",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", ForeignKey("delivery.id"), nullable=False, index=True),
    Column("decided", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", String(32), nullable=False),
)

ask = Table(  # each time somebody asked by a form to be told
    "ask",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(320), nullable=False),  # as typed; empty when it is decided
    Column("name", String(80), nullable=False, index=True),  # stands for the mailbox
    Column("form", String(64), nullable=False),
    Column("wording", String(32), nullable=False),
    Column("network", String(64), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("at", String(32), nullable=False),
)

note = Table(  # a mail to one person: to confirm, to welcome, to let them in
    "note",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("email", String(320), nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id"), index=True),
    Column("ask_id", ForeignKey("ask.id"), index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("reason", Text, nullable=False, server_default=""),
    Column("claimed_at", String(32), nullable=False, server_default=""),
    Column("at", String(32), nullable=False, index=True),
)

link = Table(  # what may be done once by who has a mail: its secret is not in here
    "link",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of the secret
    Column("note_id", ForeignKey("note.id"), nullable=False, index=True),
    Column("expires_at", String(32), nullable=False),
    Column("used_at", String(32), nullable=False, server_default=""),
)

cover = Table(  # the articles that a digest tells
    "cover",
    metadata,
    Column("announcement_id", ForeignKey("announcement.id"), primary_key=True),
    Column("article_id", String(100), primary_key=True),
)

version = Table(  # the changes that the articles of a batch's mail had when its bytes were frozen
    "version",
    metadata,
    Column("batch_id", ForeignKey("batch.id"), primary_key=True),
    Column("article_id", String(100), primary_key=True),
    Column("change", String(40), primary_key=True),  # by its date, as the article gives it
)
