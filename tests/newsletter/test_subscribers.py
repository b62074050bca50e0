"""Who is told: added once, gone for good, shown all that is kept of them, and forgotten."""

import io
import json
import random
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from newsletter import csvfile, leaving
from newsletter.addresses import hidden, mailbox
from newsletter.handing import Paused
from newsletter.http import Refused
from newsletter.journal import Journal
from newsletter.model import Failure
from newsletter.opening import journal_of
from newsletter.store import evidence, identity, personal, portions, subscribers
from newsletter.store.evidence import Event
from newsletter.store.schema import consent, delivery, pace, subscriber, suppression
from newsletter.store.subscribers import Added
from tests.newsletter import ledgers
from tests.newsletter.conftest import Told, entry
from tests.newsletter.ledgers import LOST, NOW, forgetful

WHO = "Zoe.Doe+news@example.org"
SPELLINGS = (WHO, WHO.lower(), WHO.upper(), "zOE.dOE+NEWS@Example.Org")


def add(series: Told, *emails: str) -> list[Added]:
    with series.database.transaction() as connection:
        return list(subscribers.add(connection, emails, "a test", NOW))


def remove(series: Told, *emails: str) -> subscribers.Departed:
    with series.database.transaction() as connection:
        return subscribers.remove_all(connection, emails, "a test", NOW)


def erase(series: Told, email: str) -> bool:
    with series.database.transaction() as connection:
        return personal.erase(connection, email, NOW)


def accounts(series: Told) -> list[tuple[str, str, str]]:
    with series.database.transaction() as connection:
        everyone = list(subscribers.everyone(connection))
    return [(one.email, one.standing, one.how) for one in everyone]


def journal(series: Told) -> Journal:
    with series.database.transaction() as connection:
        return journal_of(series.place, connection)


def test_adding_tells_what_came_of_each_address(series: Told) -> None:
    series.subscribe("ada", "bob")
    remove(series, "bob@example.org", "stranger@example.org")
    emails = ["Ada@Example.org", "bob@example.org", "Stranger@example.org", "new@x.org",
              "NEW@x.org"]  # fmt: skip
    found = [one.name for one in add(series, *emails)]
    assert found == ["ALREADY", "LEFT", "LEFT", "ADDED", "ALREADY"]


def test_many_are_added_in_the_order_in_which_they_came(
    series: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribers, "MOST", 14)
    emails = [f"reader{n}@example.org" for n in range(50)]
    assert set(add(series, *emails, *emails)) == {Added.ADDED, Added.ALREADY}
    assert [email for email, *_ in accounts(series)] == emails
    with series.database.transaction() as connection:
        assert connection.execute(select(func.count()).select_from(consent)).scalar_one() == 50


def test_addresses_are_taken_as_they_come(series: Told) -> None:
    """However many there are, only some are held at once."""
    asked: list[int] = []

    def coming() -> Iterator[str]:
        for number in range(portions.MOST):
            asked.append(number)
            yield f"reader{number}@example.org"

    with series.database.transaction() as connection:
        outcomes = subscribers.add(connection, coming(), "a test", NOW)
        next(outcomes)
        assert len(asked) == portions.MOST // 2


def test_the_same_address_that_is_added_at_once_is_added_once(series: Told) -> None:
    emails = [f"reader{n}@example.org" for n in range(20)]
    found = ledgers.at_once([lambda: add(series, *emails)] * 3)
    assert not [one for one in found if isinstance(one, Exception)]
    assert len(accounts(series)) == 20


def test_it_keeps_how_everyone_came_and_went(series: Told) -> None:
    add(series, "ada@example.org")
    for _ in range(2):
        remove(series, "ADA@example.org")
        assert accounts(series) == [("ada@example.org", "unsubscribed", "a test")]
    with series.database.transaction() as connection:
        standings = connection.execute(select(consent.c.standing).order_by(consent.c.id)).scalars()
        assert list(standings) == ["confirmed", "unsubscribed"]


def test_removing_tells_who_was_known_and_names_all_for_the_journal(
    series: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribers, "MOST", 4)
    emails = [f"reader{n}@example.org" for n in range(9)]
    add(series, *emails)
    first = remove(series, *emails[:5], "READER0@example.org", "stranger@example.org")
    assert (first.known, len(first.names)) == (6, 6)
    assert all(name.startswith("sha256:") for name in first.names)
    again = remove(series, *emails[:6])
    assert (again.known, len(again.names)) == (6, 6)
    standings = Counter(standing for _, standing, _ in accounts(series))
    assert standings == {"unsubscribed": 6, "confirmed": 3}


def test_removing_at_once_closes_a_mailbox_once(series: Told) -> None:
    emails = [f"reader{n}@example.org" for n in range(20)]
    add(series, *emails)
    found = ledgers.at_once(
        [lambda: remove(series, *emails), lambda: remove(series, *emails[::-1])]
    )
    assert not [one for one in found if isinstance(one, Exception)]
    with series.database.transaction() as connection:
        assert connection.execute(select(func.count()).select_from(suppression)).scalar_one() == 20


def test_two_who_close_the_same_mailboxes_do_not_wait_for_each_other(series: Told) -> None:
    found: list[object] = []

    def close(*names: str) -> None:
        with series.database.transaction() as connection:
            found.append(subscribers.close(connection, names, "a test", NOW))

    thread = threading.Thread(target=close, args=("b@example.org", "a@example.org"))
    with series.database.transaction() as connection:
        subscribers.close(connection, ["a@example.org"], "a test", NOW)
        thread.start()
        thread.join(0.2)  # by now it waits for us, and must not have what we want next
        subscribers.close(connection, ["b@example.org"], "a test", NOW)
    thread.join()
    assert len(found) == 1


def test_a_list_names_who_is_never_written_to(series: Told) -> None:
    series.subscribe("ada", "bob", "cy")
    ledgers.send(series, forgetful(), "newest")
    with series.database.transaction() as connection:
        query = select(delivery.c.id).where(delivery.c.mailbox == "ada@example.org")
        one = str(connection.execute(query).scalar_one())
        evidence.record(connection, Event("carrier", "complained", one, "{}"), NOW)
    remove(series, "bob@example.org", "stranger@example.org")
    assert [one[:2] for one in accounts(series)] == [
        ("ada@example.org", "suppressed"),
        ("bob@example.org", "unsubscribed"),
        ("cy@example.org", "confirmed"),
    ]
    with series.database.transaction() as connection:
        [stranger] = subscribers.strangers(connection)
    assert (stranger.email, stranger.standing) == ("stranger@example.org", "suppressed")


def imported(series: Told, content: bytes) -> tuple[Counter[str], int, int]:
    """What came of each address, how many had left, and how many rows are bad."""
    rows = list(csvfile.read("list.csv", io.BytesIO(content)))
    good = [row for row in rows if isinstance(row, csvfile.Row)]
    left = [row.email for row in good if row.left]
    leaving.leave(series.database, journal(series), left, "an import", NOW)
    outcomes = Counter(one.name for one in add(series, *(r.email for r in good if not r.left)))
    return outcomes, len(left), len(rows) - len(good)


def test_an_export_brings_nobody_back_elsewhere(series: Told, tmp_path_factory: Any) -> None:
    from tests.newsletter.conftest import make_series

    series.subscribe("ada", "bob", "cy")
    ledgers.send(series, forgetful(), "newest")
    with series.database.transaction() as connection:
        query = select(delivery.c.id).where(delivery.c.mailbox == "ada@example.org")
        one = str(connection.execute(query).scalar_one())
        evidence.record(connection, Event("carrier", "bounced", one, "{}"), NOW)
    remove(series, "bob@example.org", "stranger@example.org")
    file = io.StringIO()
    with series.database.transaction() as connection:
        csvfile.write(subscribers.everyone(connection), file)
        file.write("stranger@example.org,suppressed\n")
    other = make_series(tmp_path_factory.mktemp("other"))
    assert imported(other, file.getvalue().encode()) == (Counter(ADDED=1), 3, 0)
    for name in ("ada", "bob", "stranger"):
        assert add(other, f"{name}@example.org") == [Added.LEFT]
    other.database.close()


def test_an_import_of_all_kinds_of_rows_can_be_repeated(series: Told) -> None:
    """The good are taken, each bad row is named, and nobody is brought back."""
    gone = [f"gone{n}@example.org" for n in range(40)]
    add(series, *gone)
    remove(series, *gone[:20])
    for email in gone[20:]:
        erase(series, email)
    good = [f"reader{n}@list{n % 7}.example.org" for n in range(1500)]
    doubles = [one.upper() for one in good[::3]]
    leavers = [f"{one},unsubscribed" for one in good[::100]]
    broken = [b"nobody", b"caf\xe9@example.org", b'"x@example.org', b"a b@example.org"] * 10
    rows = [one.encode() for one in [*good, *doubles, *map(str.upper, gone), *leavers]] + broken
    random.Random(7).shuffle(rows)
    content = b"email,standing\n" + b"\n".join(rows) + b"\n"
    outcomes, left, bad = imported(series, content)
    assert (left, bad) == (15, 40)
    # Of each hundred, the first is among the doubles and leaves.
    assert outcomes["ADDED"] == 1485
    assert sum(outcomes.values()) == 1500 + 500 + 40
    before = ledgers.everything(series.database)
    again, *rest = imported(series, content)
    assert (again["ADDED"], rest) == (0, [15, 40])
    assert ledgers.everything(series.database) == before
    confirmed = {email for email, standing, _ in accounts(series) if standing == "confirmed"}
    assert {mailbox(one) for one in confirmed} == {*good} - {*good[::100]}
    assert len(confirmed) == 1485


def texts(rows: ledgers.Rows) -> Iterator[tuple[str, str, str]]:
    """Every value of every row as text, with its table and column."""
    for table, found in rows.items():
        for row in found:
            for column, value in row.items():
                plain = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                yield table, column, plain


def where_named(series: Told, *words: str) -> set[tuple[str, str]]:
    """Where a word stands. It needs a sign that no token has, which may be any letters."""
    rows = ledgers.everything(series.database)
    return {
        (table, column)
        for table, column, value in texts(rows)
        for word in words
        if word.lower() in value.lower()
    }


def known_everywhere(series: Told) -> None:
    """Somebody who is named in all places that there are, and one who is not."""
    series.subscribe("bob")
    with series.database.transaction() as connection:
        list(subscribers.add(connection, [WHO], f"imported from {WHO}.csv", NOW))
    ledgers.send(series, forgetful(LOST), "newest")
    with series.database.transaction() as connection:
        ids = evidence.unknown(connection)
        evidence.decide(connection, ids, evidence.Decided.SENT, f"{WHO} wrote to me", NOW)
        for one in ids:
            raw = json.dumps({"to": WHO, "id": one})
            evidence.record(connection, Event("carrier", "delivered", one, raw), NOW)
        quoted = "{'url': 'https://x.org/?to=zoe.doe%2Bnews%40example.org'}"
        evidence.record(connection, Event("carrier", "clicked", "", quoted), NOW)
        said = f"550 <{WHO}> said something about {WHO.upper()}"
        connection.execute(delivery.update().values(reason=said))
        row = {"provider": "carrier", "next_at": 0.0, "reason": f"too much for {WHO}"}
        connection.execute(pace.insert(), row)
    series.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    about_her = Refused(Failure.AMBIGUOUS, f"no word of {WHO}")
    ledgers.send(series, forgetful(about_her, size=1))


def test_all_that_is_kept_of_somebody_is_shown(series: Told) -> None:
    known_everywhere(series)
    add(series, "other@example.org")
    for spelling in SPELLINGS:
        with series.database.transaction() as connection:
            found = personal.about(connection, spelling)
        assert found is not None
        told = json.dumps(found, ensure_ascii=False)
        for value in expected_of(series):
            assert value in told, value
        assert "bob@" not in told
        assert "other@" not in told


def expected_of(series: Told) -> Iterator[str]:
    """The values of the rows that are about them."""
    rows = ledgers.everything(series.database)
    [who] = [row for row in rows["subscriber"] if row["email"] == WHO]
    told = [row for row in rows["delivery"] if row["subscriber_id"] == who["id"]]
    ids = {row["id"] for row in told}
    yield from (who["email"], who["token"], who["key"], who["standing"], who["created_at"])
    theirs: list[Mapping[str, Any]] = [
        *told,
        *(row for row in rows["consent"] if row["subscriber_id"] == who["id"]),
        *(row for row in rows["verdict"] if row["delivery_id"] in ids),
        *(row for row in rows["event"] if row["delivery_id"] in ids | {""}),
    ]
    for row in theirs:
        for name in ("id", "state", "reason", "how", "standing", "note", "decided", "kind", "at"):
            if isinstance(row.get(name), str):
                yield json.dumps(row[name])[1:-1]
        if "raw" in row:
            yield json.dumps(row["raw"])[1:-1]


def test_a_stranger_who_is_never_written_to_is_shown_why(series: Told) -> None:
    remove(series, "stranger@example.org")
    with series.database.transaction() as connection:
        found = personal.about(connection, "Stranger@example.org")
        assert found
        assert found["never written to"] == [{"reason": "a test", "at": NOW}]
        assert personal.about(connection, "nobody@example.org") is None


def test_nothing_names_somebody_who_was_erased(series: Told) -> None:
    known_everywhere(series)
    named = where_named(series, WHO)
    assert {table for table, _ in named} == {
        "subscriber", "consent", "delivery", "event", "attempt", "pace", "verdict", "tally",
    }  # fmt: skip
    rows = ledgers.everything(series.database)
    [before] = [row for row in rows["subscriber"] if row["email"] == WHO]
    states = series.states()
    assert erase(series, SPELLINGS[3])
    assert where_named(series, "zoe.", "%40example", before["token"]) == set()
    assert series.states() == states
    with series.database.transaction() as connection:
        ledgers.require_true_tallies(connection)
        name = hidden(identity.name(connection), mailbox(WHO))
        assert subscribers.closed(connection, [name]) == {name}
    [(other, standing, _)] = accounts(series)
    assert (other, standing) == ("bob@example.org", "confirmed")


def test_who_was_erased_is_never_brought_back(series: Told) -> None:
    known_everywhere(series)
    erase(series, WHO)
    assert set(add(series, *SPELLINGS)) == {Added.LEFT}
    content = "\n".join(["email", *SPELLINGS]).encode()
    assert imported(series, content) == (Counter(LEFT=4), 0, 0)
    assert not erase(series, "nobody@example.org")
    assert erase(series, WHO)
    assert remove(series, *SPELLINGS).known == 0
    assert where_named(series, "zoe.") == set()
    articles = ("first", "second", "third", "fourth")
    series.publish(*(entry(n, name) for n, name in enumerate(articles)))
    carrier = forgetful()
    assert ledgers.send(series, carrier) == 1
    assert carrier.log == ["bob@example.org"]


def test_a_stranger_and_somebody_who_left_can_be_erased(series: Told) -> None:
    add(series, WHO)
    remove(series, WHO, "yva@example.org")
    erase(series, WHO)
    erase(series, "yva@example.org")
    assert where_named(series, "zoe.", "yva@") == set()
    assert add(series, WHO, "YVA@example.org") == [Added.LEFT] * 2


def test_what_is_planned_for_somebody_who_was_erased_is_left_out(series: Told) -> None:
    add(series, WHO, "bob@example.org")
    with pytest.raises(Paused):
        ledgers.send(series, forgetful(Refused(Failure.QUOTA, "enough")), "newest")
    assert series.states() == {"planned": 2}
    erase(series, WHO)
    carrier = forgetful()
    ledgers.send(series, carrier)
    assert carrier.log == ["bob@example.org"]
    assert series.states() == {"accepted": 1, "skipped": 1}
    assert where_named(series, "zoe.") == set()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["add", "remove", "erase", "import"]),
                                st.sampled_from(SPELLINGS)), max_size=8))  # fmt: skip
def test_whatever_happens_who_has_left_stays_so(
    embedded: Told, steps: list[tuple[str, str]]
) -> None:
    for table in (consent, subscriber, suppression):
        with embedded.database.transaction() as connection:
            connection.execute(table.delete())
    is_gone = False
    for step, spelling in steps:
        if step == "add":
            assert (add(embedded, spelling) == [Added.LEFT]) == is_gone
        elif step == "import":
            imported(embedded, f"email\n{spelling}\n".encode())
        elif step == "remove":
            remove(embedded, spelling)
        else:
            erase(embedded, spelling)
            assert where_named(embedded, "zoe.") == set()
        is_gone |= step in ("remove", "erase")
        told = [standing for _, standing, _ in accounts(embedded)]
        assert told.count("confirmed") <= (not is_gone)
        assert len(told) <= 1
