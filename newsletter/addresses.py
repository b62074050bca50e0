"""Mail addresses as people type them -> as mail is sent to them."""

from press.fields import Wrong


def normalise(text: str) -> str:
    """The address with its domain in ASCII (RFC 5890). Raises Wrong for what is no address."""
    # Here, because a look at the ledger needs no part of it.
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text.strip(), allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError as error:
        raise Wrong(str(error)) from None
    return found.ascii_email or found.normalized


def mailbox(email: str) -> str:
    """What two spellings of one mailbox share. Case never tells two mailboxes apart in practice."""
    return email.lower()


def masked(email: str) -> str:
    """The address as it may be shown where others look on."""
    local, _, domain = email.rpartition("@")
    return f"{local[:2]}…@{domain}"
