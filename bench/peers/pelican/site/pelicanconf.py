"""Pelican as its quickstart sets it up, with pages by twenties and one feed of the whole text.

Its theme is the one it comes with. Markdown is highlighted by Pygments, as it is by default.
"""

SITENAME = "A Series"
SITEURL = "https://example.org"
TIMEZONE = "UTC"
DEFAULT_LANG = "en"
PATH = "content"
DEFAULT_PAGINATION = 20

ARTICLE_URL = "posts/{slug}/"
ARTICLE_SAVE_AS = "posts/{slug}/index.html"

FEED_ALL_ATOM = "feed.xml"
FEED_MAX_ITEMS = 20
CATEGORY_FEED_ATOM = None
TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = None
AUTHOR_FEED_RSS = None

GZIP_CACHE = False  # the faster of the two
