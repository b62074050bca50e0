"""The verb that answers subscribers, importing what it needs when it runs."""

import click

from newsletter.opening import here, ledger
from press.exits import problems_reported


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    default=8025,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port to listen at; 0 for any that is free.",
)
@click.option(
    "--threads",
    default=64,
    show_default=True,
    type=click.IntRange(1, 256),
    help="How many requests are answered at once.",
)
@click.option("--admin", "with_admin", is_flag=True, help="Show /admin to who has the token.")
def serve(host: str, port: int, threads: int, with_admin: bool) -> None:
    """Let people subscribe, confirm, choose and leave, at the `app-url` of series.toml."""
    import logging

    from newsletter.web import serving

    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger(serving.LOGGER).setLevel(logging.INFO)
    with problems_reported():
        where = here()
        with ledger(where) as database:
            serving.run(where, database, host, port, threads, with_admin=with_admin)
