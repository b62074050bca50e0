"""A server of files, as a good host is one."""

import socket
from contextlib import ExitStack

from press import hosting


def test_many_may_come_at_once() -> None:
    with hosting.server(hosting.Host(), 0) as server, ExitStack() as held:
        for _ in range(100):  # none is answered yet
            address = (hosting.HOST, server.server_port)
            held.enter_context(socket.create_connection(address, timeout=5))
