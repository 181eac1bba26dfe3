"""Ports for servers that tests start."""

import random
import socket
from contextlib import closing


def free_port() -> int:
    """Return a free port below those that the system gives to clients, so that none takes it first."""
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                continue
        with closing(socket.socket()) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
