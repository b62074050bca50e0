#!/usr/bin/env python3
"""The author's command: python build.py [verb]."""

from proofpress import main

if __name__ == "__main__":
    main()
