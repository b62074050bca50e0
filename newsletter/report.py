"""What a send would do, and what became of each announcement, in plain lines or as data."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from newsletter.addresses import masked
from newsletter.model import IN_FLIGHT, TAKEN, State
from newsletter.plan import Planned
from newsletter.store.deliveries import Tally
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
        yield from _announcement(announcement, sender)
    if planned.resumed:
        yield f"{_count(planned.resumed, 'message')} of earlier announcements would go on"
    for reason, count in sorted(planned.left.items()):
        yield f"{_count(count, 'message')} of earlier announcements would be skipped: {reason}"
    if planned.held:
        messages = _count(planned.held, "message")
        yield f"{messages} can't go on: their article is no longer published"
    if planned.unknown:
        yield f"unknown, and left alone: {planned.unknown:,}"
    if planned.messages:
        yield f"in all: {_count(planned.messages, 'message')}"
    if not planned.is_something:
        yield "there is nothing to tell"


def _announcement(planned: Planned, sender: "Sender") -> Iterator[str]:
    article, recipients = planned.article, planned.recipients
    yield f"{article.number:03} “{article.title}” to {_count(len(recipients), 'subscriber')}"
    if planned.suppressed:
        yield f"    skipped: {len(planned.suppressed):,} suppressed"
    if recipients:
        shown = ", ".join(masked(one.email) for one in recipients[:3])
        size = len(sender.sample(article, recipients[0]))
        yield f"    {shown}{', …' if len(recipients) > 3 else ''}"
        yield f"    by {sender.provider_name}, from {sender.composer.newsletter.sender}"
        yield f"    {size:,} bytes each; subject: {article.title}"


def summary(tallies: Sequence[Tally], manifest: Manifest) -> list[dict[str, Any]]:
    """For each announced or published article, how many deliveries are where."""
    rows: dict[str, dict[str, Any]] = {}
    for tally in tallies:
        row = rows.setdefault(tally.article_id, _row(tally.article_id, tally.title))
        row["baseline"] = tally.baseline
        row["recorded"] = True
        if tally.state is not None:
            _add(row, tally.state, tally.reason, tally.count)
        if tally.state is State.UNKNOWN:
            row["oldest_unknown"] = min(filter(None, [row["oldest_unknown"], tally.oldest]))
    for article in manifest.articles:
        rows.setdefault(article.id, _row(article.id, article.title))
    return list(rows.values())


def _row(article_id: str, title: str) -> dict[str, Any]:
    numbers = dict.fromkeys(("planned", "accepted", "rejected", "in_flight", "unknown"), 0)
    return {
        "article": article_id,
        "title": title,
        "recorded": False,
        "baseline": False,
        **numbers,
        "skipped": Counter(),
        "oldest_unknown": None,
    }


def _add(row: dict[str, Any], state: State, reason: str, count: int) -> None:
    row["planned"] += count
    if state in IN_FLIGHT:
        row["in_flight"] += count
    elif state in TAKEN:
        row["accepted"] += count
    elif state is State.SKIPPED:
        row["skipped"][reason] += count
    else:
        row[state.value] += count


def status(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield f"{row['title']}: {_what_became(row)}"


def _what_became(row: dict[str, Any]) -> str:
    if not row["recorded"]:
        return "not told yet"
    if row["baseline"]:
        return "known before the first run, told to nobody"
    parts = [f"{row['accepted']:,} of {row['planned']:,} accepted"]
    parts += [f"{row['rejected']:,} rejected"] if row["rejected"] else []
    parts += [f"{count:,} skipped ({reason})" for reason, count in sorted(row["skipped"].items())]
    parts += [f"{row['in_flight']:,} in flight"] if row["in_flight"] else []
    if row["unknown"]:
        parts.append(f"{row['unknown']:,} unknown since {row['oldest_unknown']}")
    return ", ".join(parts)
