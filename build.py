#!/usr/bin/env python3
"""The author's command: python build.py [verb]."""

from press.cli import main

if __name__ == "__main__":
    main(
        {"newsletter": ("newsletter.cli:cli", "Tell subscribers of new articles, once each.")},
        mails="newsletter.showing:mails",
    )
