#!/usr/bin/env python3
"""The author's command: python build.py [verb]."""

from press.cli import main

ELSEWHERE = {"newsletter": ("newsletter.cli:cli", "Tell subscribers of new articles, once each.")}

if __name__ == "__main__":
    main(
        ELSEWHERE,
        mails="newsletter.showing:mails",
        announce="newsletter.cli_announce:announce",
    )
