"""Settings of a blog."""

import os

SITEURL = "https://old.example.net"
PATH = "content"
ARTICLE_URL = "posts/{date:%Y}/{slug}.html"
OUTPUT = os.environ.get("OUTPUT", "output")
