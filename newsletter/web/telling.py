"""The addresses at which providers tell what became of mails: all else is newsletter.hooks'."""

import os

from flask import Flask, Response, request

from newsletter.hooks import Hooks, secrets_of
from newsletter.web.desk import Desk, log
from newsletter.webhooks import Incoming

ENDPOINT = "webhook"


def serve(app: Flask, desk: Desk) -> None:
    """For those providers whose secrets the environment has."""
    hooks = Hooks(
        desk.database,
        desk.journal,
        secrets_of(os.environ),
        desk.newsletter.soft_bounces,
        desk.clock,
    )

    def take(name: str) -> Response:
        headers = {header.lower(): value for header, value in request.headers.items()}
        answer = hooks.take(name, Incoming(headers, request.get_data()))
        if answer.why:
            log.warning("told by nobody, or not taken: %s", answer.why)
        return Response(f"{answer.text}\n", answer.status, mimetype="text/plain")

    app.add_url_rule("/webhooks/<name>", ENDPOINT, take, methods=["POST"])
