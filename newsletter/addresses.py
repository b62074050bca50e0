"""Mail addresses as people type them -> as mail is sent to them."""

from hashlib import sha256

from press.fields import Wrong


def normalise(text: str) -> str:
    """The address with its domain in ASCII (RFC 5890). Raises Wrong for what is no address."""
    # Here, because a look at the ledger needs no part of it.
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(
            text.strip(), allow_smtputf8=False, check_deliverability=False, strict=True
        )
    except EmailNotValidError as error:
        raise Wrong(str(error)) from None
    return found.ascii_email or found.normalized


def checked(text: str) -> str:
    """The same; raises ProblemsFound."""
    from press.problems import Code, Problem, ProblemsFound

    try:
        return normalise(text)
    except Wrong as error:
        is_foreign = not text.rpartition("@")[0].isascii()
        hint = "its domain may be of any script; what is before the @ has to be ASCII"
        problem = Problem(
            text, 0, 0, Code.BAD_INPUT, f"this is no address: {error}", hint if is_foreign else ""
        )
        raise ProblemsFound([problem]) from None


def mailbox(email: str) -> str:
    """What two spellings of one mailbox share. Case never tells two mailboxes apart in practice."""
    return email.lower()


def masked(email: str) -> str:
    """The address as it may be shown where others look on."""
    local, _, domain = email.rpartition("@")
    return f"{local[:2]}…@{domain}"


def hidden(owner: str, name: str) -> str:
    """What stands for a mailbox where it must not be known: another one for each ledger."""
    return f"sha256:{sha256(f'{owner} {name}'.encode()).hexdigest()}"


def key(owner: str, name: str) -> str:
    """A part of the ids of a mailbox's deliveries: the same in a ledger that is restored."""
    return sha256(f"key {owner} {name}".encode()).hexdigest()[:16]
