"""Brings the two halves together, as one command: `proofpress` where it is installed."""

from press import cli

ELSEWHERE = {"newsletter": ("newsletter.cli:cli", "Tell subscribers of new articles, once each.")}


def main() -> None:
    cli.main(
        ELSEWHERE,
        mails="newsletter.showing:mails",
        announce="newsletter.cli_announce:announce",
        told="newsletter.told:told",
        mail="newsletter.doctor:of_publication",
    )


if __name__ == "__main__":
    main()
