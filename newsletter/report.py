"""What a send would do, and what became of each announcement, in plain lines or as data."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from newsletter.addresses import masked
from newsletter.model import IN_FLIGHT, TAKEN, Kind, Mail, State
from newsletter.plan import Picked, Planned, correction
from newsletter.store.tallies import Tally
from press.manifest import Manifest

if TYPE_CHECKING:  # status needs none of what a send needs
    from newsletter.send import Intent, Sender


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def intent(planned: "Intent", sender: "Sender") -> Iterator[str]:
    """A dry run: what would be recorded, and told to whom."""
    if planned.plan.baseline:
        articles = _count(len(planned.plan.baseline), "article")
        yield f"first run: {articles} would be recorded as known already, and told to nobody"
    for announcement in planned.plan.announcements:
        before = planned.known_as.get(announcement.article.id, "")
        yield from _announcement(announcement, sender, before)
    yield from _picked(planned.plan.picked, sender)
    if planned.resumed:
        yield f"{_count(planned.resumed, 'message')} of earlier announcements would go on"
    for reason, count in sorted(planned.left.items()):
        yield f"{_count(count, 'message')} of earlier announcements would be skipped: {reason}"
    if planned.held:
        messages = _count(planned.held, "message")
        yield f"{messages} can't go on: what they tell of is no longer published"
    if planned.resting:
        yield f"{_count(planned.resting, 'message')} wait for subscribers who pause"
    if planned.unknown:
        yield f"unknown, and left alone: {planned.unknown:,}"
    if planned.messages:
        yield f"in all: {_count(planned.messages, 'message')}"
    if not planned.is_something:
        yield "there is nothing to tell"


WHAT = {Kind.UPDATE: "the update of ", Kind.CORRECTION: "a correction of "}


def _announcement(planned: Planned, sender: "Sender", before: str) -> Iterator[str]:
    article, messages = planned.article, planned.messages
    what = WHAT.get(planned.kind, "")
    yield f"{what}{article.number:03} “{article.title}” to {_count(messages, 'subscriber')}"
    if before:
        yield f"    `{before}` had this title when it was told, and is gone: if this is it,"
        yield f"    give it `id: {before}`, or it is told twice"
    if told := correction(article, planned.revision):
        yield f"    {told.date[:10]}: {told.note}"
    if planned.suppressed:
        yield f"    skipped: {planned.suppressed:,} suppressed"
    if planned.aside:
        yield f"    not now: {', '.join(f'{n:,} {why}' for why, n in planned.aside.items())}"
    if messages:
        its = (article, planned.kind, planned.revision)
        mail = sender.composer.mail(*its)
        yield from _mails(planned, mail, len(sender.sample(*its)), sender)


def _mails(planned: Planned | Picked, mail: Mail, size: int, sender: "Sender") -> Iterator[str]:
    """To whom mails go, by whom, and what they are."""
    shown = ", ".join(masked(one) for one in planned.first)
    yield f"    {shown}{', …' if planned.messages > len(planned.first) else ''}"
    yield f"    by {sender.carrier.name}, from {mail.sender}"
    yield f"    {size:,} bytes each; subject: {mail.subject}"


SHOWN = 10
"""Parts of courses and digests that are shown one by one."""


def _picked(some: Sequence[Picked], sender: "Sender") -> Iterator[str]:
    for one in some[:SHOWN]:
        to = _count(one.messages, "subscriber")
        if one.kind is Kind.NEW:
            [article] = one.articles
            yield f"next in a course: {article.number:03} “{article.title}” to {to}"
        else:
            numbers = ", ".join(f"{article.number:03}" for article in one.articles)
            yield f"digest of {_count(len(one.articles), 'article')} ({numbers}) to {to}"
        yield from _mails(one, sender.mail_of(one), len(sender.sample_of(one)), sender)
    rest = some[SHOWN:]
    if rest:
        messages = _count(sum(one.messages for one in rest), "message")
        yield f"and {len(rest):,} more like these: {messages}"


def summary(tallies: Sequence[Tally], manifest: Manifest) -> list[dict[str, Any]]:
    """For each announced or published article, how many deliveries are where."""
    rows = {(row["article"], row["kind"], row["revision"]): row for row in recorded(tallies)}
    for article in manifest.articles:
        key = (article.id, Kind.NEW, "")
        rows.setdefault(key, _row(*key, article.title))
    return list(rows.values())


def recorded(tallies: Sequence[Tally]) -> list[dict[str, Any]]:
    """For each announcement, how many deliveries are where."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for tally in tallies:
        key = (tally.article_id, tally.kind, tally.revision)
        row = rows.setdefault(key, _row(*key, tally.title))
        row["baseline"] = tally.baseline
        row["recorded"] = True
        if tally.state is not None:
            _add(row, tally.state, tally.reason, tally.count)
        if tally.state is State.UNKNOWN:
            row["oldest_unknown"] = tally.since
    return list(rows.values())


COUNTED = ("planned", "accepted", "delivered", "bounced", "complained", "rejected", "in_flight",
           "unknown")  # fmt: skip


def _row(article_id: str, kind: str, revision: str, title: str) -> dict[str, Any]:
    return {
        "article": article_id,
        "kind": kind,
        "revision": revision,
        "title": title,
        "recorded": False,
        "baseline": False,
        **dict.fromkeys(COUNTED, 0),
        "skipped": Counter(),
        "oldest_unknown": None,
    }


def _add(row: dict[str, Any], state: State, reason: str, count: int) -> None:
    """Count deliveries in; what was delivered, bounced or complained of had been accepted."""
    row["planned"] += count
    if state in IN_FLIGHT:
        row["in_flight"] += count
    elif state is State.SKIPPED:
        row["skipped"][reason] += count
    else:
        row["accepted"] += count if state in TAKEN else 0
        row[state.value] += count if state is not State.ACCEPTED else 0


def status(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    digests = [row for row in rows if row["kind"] == Kind.DIGEST]
    for row in rows:
        if row["kind"] == Kind.DIGEST:
            continue
        what = f" ({row['kind']} of {row['revision'][:10]})" if row["kind"] in WHAT else ""
        yield f"{row['title']}{what}: {_what_became(row)}"
    if digests:
        yield f"{_count(len(digests), 'digest')}: {_what_became(together(digests))}"


def together(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The sum of some rows."""
    total = {**rows[0], **{name: sum(row[name] for row in rows) for name in COUNTED}}
    total["skipped"] = sum((row["skipped"] for row in rows), Counter())
    since = [row["oldest_unknown"] for row in rows if row["oldest_unknown"]]
    return {**total, "oldest_unknown": min(since, default=None)}


def _what_became(row: dict[str, Any]) -> str:
    if not row["recorded"]:
        return "not told yet"
    if row["baseline"] and not row["planned"]:
        return "known before the first run, told to nobody"
    parts = ["known before the first run, told in courses"] if row["baseline"] else []
    parts += [f"{row['accepted']:,} of {row['planned']:,} accepted"]
    parts += [
        f"{row[name]:,} {name}"
        for name in ("delivered", "bounced", "complained", "rejected")
        if row[name]
    ]
    parts += [f"{count:,} skipped ({reason})" for reason, count in sorted(row["skipped"].items())]
    parts += [f"{row['in_flight']:,} in flight"] if row["in_flight"] else []
    if row["unknown"]:
        parts.append(f"{row['unknown']:,} unknown since {row['oldest_unknown']}")
    return ", ".join(parts)
