"""Looks at what the DNS says of our mail: who may send it, who signs it, who takes the answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from newsletter import records
from newsletter.answers import shown
from newsletter.connecting import module
from newsletter.dns import OutOfReach
from newsletter.finding import Case
from newsletter.vouching import Published, domain, published
from press.findings import Finding, ok, skipped, wrong
from press.problems import ProblemsFound

WEAK, GOOD = 1024, 2048
"""Bits of a key of RSA: fewer than the first are refused (RFC 8301); the second is asked for."""


@dataclass(frozen=True, slots=True)
class Post:
    """The domains that a mail of ours names."""

    sender: str
    """Of its From."""
    answers: str
    """Of its Reply-To."""
    signer: str
    """Of its DKIM signature."""
    envelope: str
    """Where its bounces go, which SPF is about; empty where that is the provider's own."""
    published: Published
    chosen: tuple[str, ...]
    """The selectors that the author names."""


def findings(case: Case) -> Iterator[Finding]:
    if not case.leaves:
        yield skipped("dns", "no mail leaves this machine, so no record matters")
        return
    post = _post(case)
    checks: tuple[tuple[str, Callable[[Case, Post], Iterator[Finding]]], ...] = (
        ("mx", _exchangers), ("spf", _spf), ("dkim", _dkim), ("dmarc", _dmarc),
    )  # fmt: skip
    for name, check in checks:
        try:
            yield from check(case, post)
        except OutOfReach as error:
            yield skipped(name, f"nobody looked: {error}")
    yield skipped("headers", "send one to yourself: the h= of its DKIM-Signature has to name "
                  "list-unsubscribe and list-unsubscribe-post (RFC 8058, 4)")  # fmt: skip


def _post(case: Case) -> Post:
    name = case.newsletter.provider
    options = {key: str(value) for key, value in case.newsletter.options.get(name, {}).items()}
    try:
        found, signer = published(module(name), options)
    except ProblemsFound:  # a provider that is none
        found, signer = Published(), ""
    try:
        own = case.own
    except ProblemsFound:  # which was said before
        own = {"return-path": "", "dkim-selectors": ""}
    sender = domain(case.sender)
    signer = signer.lower() or sender
    bounces = domain(options.get("bounces", ""))
    derived = "" if found.envelope is None else f"{found.envelope}{signer}"
    return Post(
        sender, domain(case.newsletter.reply_address), signer,
        own["return-path"].lower() or bounces or derived, found,
        tuple(own["dkim-selectors"].replace(",", " ").split()),
    )  # fmt: skip


def _exchangers(case: Case, post: Post) -> Iterator[Finding]:
    for name in dict.fromkeys((post.sender, post.answers)):
        hosts = case.names.exchangers(name)
        if hosts == ["."]:
            yield wrong(
                "mx", f"{name} says that it takes no mail (RFC 7505)", "change its MX record"
            )
        elif hosts:
            yield ok("mx", f"mail for {name} goes to {shown(hosts[0].rstrip('.'))}")
        elif case.names.has_address(name):
            yield ok("mx", f"mail for {name} goes to its address: it has no MX record")
        else:
            do = "answers and bounces need an MX record, and many refuse a sender without one"
            yield wrong("mx", f"{name} has neither an MX record nor an address", do)


def _spf(case: Case, post: Post) -> Iterator[Finding]:
    """Of the envelope, which receivers ask; and of the sender, where that is another domain."""
    for name in dict.fromkeys(filter(None, (post.envelope, post.sender))):
        found = records.spf(name, case.names.texts)
        faults = _faults(found)
        include = post.published.include if name == post.envelope else ""
        lacks = include and include not in found.includes
        if faults:
            yield from (wrong("spf", shown(fault), do) for fault, do in faults)
        elif found.record and lacks:
            do = f"put include:{include} before its `all`"
            yield wrong("spf", f"the SPF record of {name} lacks {case.newsletter.provider}", do)
        elif found.record:
            yield ok("spf", f"{name}: {shown(found.record)} ({found.lookups} lookups)")
        else:
            yield _without_spf(case, post, name, include)


def _faults(found: records.Spf) -> list[tuple[str, str]]:
    """What is wrong with a record, and what mends it."""
    said = [(fault, "receivers treat it as broken: mend it") for fault in found.faults]
    if found.lookups > records.MOST_LOOKUPS:
        what = f"its SPF record needs more than {records.MOST_LOOKUPS} lookups"
        said.append((what, "take out what you don't send by any more"))
    if found.lets_anybody:
        said.append(("its SPF record lets anybody send (+all)", "end it with ~all or -all"))
    return said


def _without_spf(case: Case, post: Post, name: str, include: str) -> Finding:
    if name != post.envelope:
        said = f"{name} needs none: with {case.newsletter.provider}, envelopes name another domain"
        return ok("spf", said)
    mechanism = f"include:{include}" if include else "ip4:ADDRESS-OF-YOUR-SERVER"
    return wrong("spf", f"{name} has no SPF record", f'TXT {name} "v=spf1 {mechanism} ~all"')


def _dkim(case: Case, post: Post) -> Iterator[Finding]:
    """Each key that the author names; of those that a provider may use, one at least."""
    known = case.vouched.selectors if case.vouched else ()
    usual = [] if post.chosen else list(dict.fromkeys((*known, *post.published.selectors)))
    if not post.chosen and not usual:
        yield skipped("dkim", "no selector is known: `dkim-selectors` of [newsletter.doctor]")
        return
    found = [_key(case, post.signer, selector) for selector in post.chosen or usual]
    good = [one for one in found if not one.do]
    if post.chosen or good:
        yield from found if post.chosen else good
        return
    tried = ", ".join(usual)
    do = "add the records that your provider shows; others are named by `dkim-selectors`"
    yield wrong("dkim", f"{post.signer} has no good key under any of {shown(tried)}", do)


def _key(case: Case, signer: str, selector: str) -> Finding:
    name = f"{selector}._domainkey.{signer}"
    keys = [key for text in case.names.texts(name) if (key := records.dkim(text))]
    if len(keys) != 1:
        return wrong("dkim", f"{shown(name)} has {len(keys)} keys", "add the record as it is shown")
    [key] = keys
    if key.is_revoked:
        return wrong("dkim", f"{shown(name)} was revoked: its p= is empty", "make a new key")
    if key.kind not in ("rsa", "ed25519") or not key.bits:
        return wrong("dkim", f"the key of {shown(name)} can't be read", "copy it anew, whole")
    if key.kind == "rsa" and key.bits < WEAK:
        do = f"make one of {GOOD} bits"
        return wrong("dkim", f"{shown(name)} has {key.bits} bits, which receivers refuse", do)
    more = f"; {GOOD} are asked for" if key.kind == "rsa" and key.bits < GOOD else ""
    test = "; it says that it is a test (t=y)" if key.is_test else ""
    return ok("dkim", f"{shown(name)}: {key.kind}, {key.bits} bits{more}{test}")


def _dmarc(case: Case, post: Post) -> Iterator[Finding]:
    found = records.dmarc(post.sender, case.names.texts)
    own = records.dmarc_records(case.names.texts(f"_dmarc.{post.sender}"))
    record = records.governing(post.sender, found)
    if len(own) > 1:
        said = f"_dmarc.{post.sender} has {len(own)} DMARC records, so that none counts"
        yield wrong("dmarc", said, "leave one")
    elif record is None:
        do = f'TXT _dmarc.{post.sender} "v=DMARC1; p=none; rua=mailto:you@{post.sender}"'
        yield wrong("dmarc", f"{post.sender} has no DMARC record, nor has a domain above it", do)
    elif record.of(post.sender) not in records.POLICIES:
        said = f"the policy `{shown(record.of(post.sender))}` of _dmarc.{record.domain} is none"
        yield wrong("dmarc", said, "p=none, p=quarantine or p=reject")
    else:
        yield ok("dmarc", f"p={record.of(post.sender)}, by _dmarc.{record.domain}")
        yield _alignment(case, post, record)


def _alignment(case: Case, post: Post, record: records.Dmarc) -> Finding:
    """Whether who signs, or whose the envelope is, is who the mail is from (RFC 9989, 4.4)."""
    if _is_aligned(case, post.signer, post.sender, strict=record.is_strict("adkim")):
        return ok("alignment", f"signatures of {post.signer} speak for {post.sender}")
    strict = record.is_strict("aspf")
    if post.envelope and _is_aligned(case, post.envelope, post.sender, strict=strict):
        return ok("alignment", f"envelopes of {post.envelope} speak for {post.sender}")
    said = f"neither signatures of {post.signer} nor envelopes speak for {post.sender}"
    return wrong("alignment", said, f"let mail come from {post.signer}, or sign as {post.sender}")


def _is_aligned(case: Case, one: str, other: str, *, strict: bool) -> bool:
    if one == other or strict:
        return one == other
    found = [
        records.organization(name, records.dmarc(name, case.names.texts)) for name in (one, other)
    ]
    return found[0] == found[1]
