"""The demo: a whole warehouse on one machine, from nothing, without Docker or credentials.

`python -m include.demo up` starts the embedded PostgreSQL, the sandbox (unless an inbox is given)
and Airflow, runs the Dags through Airflow's API, and tells what was published. `down` stops what it
started and nothing else; `clean` forgets. Everything lives in CX_HOME. Each step looks at what is
there first, so running `up` again goes on where the first ended.
"""

import sys


class DemoFailed(Exception):
    """The demo cannot go on; the message says why and what to do."""


def say(text: str) -> None:
    """Show a line of progress."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
