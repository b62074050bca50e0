"""International addresses: domains of any script are written in ASCII, the rest is refused."""

import pytest

from newsletter.addresses import checked, masked
from press.problems import ProblemsFound


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ada@example.org ", "ada@example.org"),
        ("Ada+tag@EXAMPLE.org", "Ada+tag@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@例え.jp", "ada@xn--r8jz45g.jp"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("ada@faß.example", "ada@xn--fa-hia.example"),
    ],
)
def test_a_domain_may_be_of_any_script(typed: str, kept: str) -> None:
    assert checked(typed) == kept


@pytest.mark.parametrize("typed", ["ÿda@example.org", "用户@例え.jp", "аda@example.org"])
def test_what_no_mail_can_be_sent_to_is_refused_with_what_to_do(typed: str) -> None:
    with pytest.raises(ProblemsFound) as caught:
        checked(typed)
    [problem] = caught.value.problems
    assert "before the @-sign" in problem.message
    assert "ASCII" in problem.hint


@pytest.mark.parametrize(
    "typed",
    [
        "", "ada", "@example.org", "ada@", "ada@example", "a b@example.org", "Ada <a@example.org>",
        "a@example.org, b@example.org", "a@exa mple.org", "a@[127.0.0.1]", "a@ex\nBcc: b@c.org",
        "a@‮gro.example", "a@example.org\0", "a" * 65 + "@example.org",
    ],
)  # fmt: skip
def test_what_is_no_address_is_one_problem(typed: str) -> None:
    with pytest.raises(ProblemsFound, match="this is no address"):
        checked(typed)


def test_an_address_is_shown_in_part() -> None:
    assert masked("ada@example.org") == "ad…@example.org"
