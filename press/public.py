"""What the public page of an article shows: the very bytes that were built, or what else."""

from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from press.output import digest

SECONDS = 15
"""Of silence that are borne."""
LONGEST = 50_000_000
"""Bytes of a page that are read."""


def why_not(address: str, built: str) -> str:
    """Why an address of http or https does not show what has a digest; empty where it does."""
    request = Request(address, headers={"Cache-Control": "no-cache"})  # noqa: S310  # see config
    try:
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310  # the same
            content = answer.read(LONGEST)
    except HTTPError as error:
        error.close()
        return f"it answers with status {error.code}"
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        said = "".join(char if char.isprintable() else " " for char in str(reason))
        return f"it can't be seen: {said or type(error).__name__}"
    return "" if digest(content) == built else "it shows something else than was built"
