"""One task of an ingest Dag, in a process that tells how long the source's answers took."""

import time
from datetime import datetime
from multiprocessing.connection import Connection


def run(source: str, step: str, now: datetime, answer: Connection) -> None:
    """Land, check or accept; send the seconds that were spent in calls of the source."""
    import requests

    from include import landing, quality

    send, spent = requests.Session.send, [0.0]

    def timed(*arguments: object, **options: object) -> requests.Response:
        began = time.perf_counter()
        try:
            return send(*arguments, **options)
        finally:
            spent[0] += time.perf_counter() - began

    requests.Session.send = timed
    steps = {
        "land": lambda: landing.land(source, now),
        "check": lambda: quality.check(source),
        "accept": lambda: landing.accept(source),
    }
    steps[step]()
    answer.send(spent[0])
