"""The environment, read once and typed: nothing else in the project reads `os.environ`.

Every variable is listed in `.env.example`. A variable without a default is a secret of a real
system: asking for it where it is not set raises `SettingMissing`, which names it. The embedded
server makes its own passwords at first start and keeps them in `<CX_HOME>/secrets`.
"""

import os
from datetime import date, datetime, timedelta
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
ROLES = (
    "cx_loader", "cx_transformer", "cx_auditor", "cx_publisher", "cx_eraser", "cx_reader", "cx_care",
)  # fmt: skip


class SettingMissing(Exception):
    """An environment variable without which this step cannot run."""


def _text(name: str, default: str) -> str:
    return os.environ.get(name) or default


def _number(name: str, default: str, kind: type = int) -> int | float:
    """Return a variable that is a number, whole unless KIND says otherwise.

    Raises:
        SystemExit: it is none; at an import nobody could catch anything else and tell it.
    """
    text = _text(name, default)
    try:
        return kind(text)
    except ValueError:
        whole = "whole " if kind is int else ""
        raise SystemExit(
            f"{name} must be a {whole}number, not {text!r}: set it to one, such as {default}."
        ) from None


def _instant(name: str, default: str) -> str:
    """Return a variable that is a moment, as ISO 8601 with an offset.

    Raises:
        SystemExit: it is none.
    """
    text = _text(name, default)
    try:
        if datetime.fromisoformat(text).tzinfo:
            return text
    except ValueError:
        pass
    raise SystemExit(
        f"{name} must be a moment with an offset, not {text!r}: write it as {default}."
    ) from None


HOME = Path(_text("CX_HOME", str(PROJECT / ".cx"))).resolve()
SECRETS = HOME / "secrets"
DBT_PROJECT = PROJECT / "dbt_project"

PG_HOST = _text("CX_PG_HOST", "127.0.0.1")
PG_PORT = _number("CX_PG_PORT", "25432")
DATABASE = _text("CX_DATABASE", "cx")
SANDBOX_PORT = _number("CX_SANDBOX_PORT", "25480")
AIRFLOW_PORT = _number("CX_AIRFLOW_PORT", "25488")

INBOX = Path(_text("CX_INBOX", str(HOME / "inbox"))).resolve()
DELIVERY = Path(_text("CX_DELIVERY", str(HOME / "delivery"))).resolve()
REAL_DATA = Path(_text("CX_REAL_DATA", str(PROJECT.parent / "shared" / "data"))).resolve()
"""Public data sets that tests run on where they are present; none of it is in the project."""
HISTORY_START = _instant("CX_HISTORY_START", "2025-01-01T00:00:00+00:00")
WAIT_MINUTES = _number("CX_WAIT_MINUTES", "60")
"""How long a build waits for the sources due before it starts with those that have landed."""
PACE = _number("CX_PACE", "0", float)
"""How many times as fast as their vendors state the sources may be asked; 0: as `pace` says."""
APPROVAL_SECONDS = _number("CX_APPROVAL_SECONDS", "86400")
ALERT_URL = os.environ.get("CX_ALERT_URL", "")
# one more than there are cores: while one model is prepared or waits for a disk, the others compute
THREADS = _number("CX_THREADS", str((os.cpu_count() or 1) + 1))

SANDBOX_SEED = _number("CX_SEED", "20261122")
SANDBOX_CUSTOMERS = _number("CX_CUSTOMERS", "5000")
EVENTS_PER_CUSTOMER = _number("CX_EVENTS_PER_CUSTOMER", "6", float)
"""How many events the shop's website and the app have for each customer; other trackers add six tenths."""
SANDBOX_END = _text("CX_WORLD_END", (date.today() - timedelta(days=1)).isoformat())
"""The last day of the sandbox's world."""


def secret(name: str) -> str:
    """Return a secret: the variable NAME, or the file that NAME_FILE or the secrets folder holds.

    Raises:
        SettingMissing: none of the three is there.
    """
    if value := os.environ.get(name):
        return value
    path = Path(os.environ.get(f"{name}_FILE") or SECRETS / name.lower())
    if path.is_file():
        return path.read_text().strip()
    raise SettingMissing(
        f"{name} is not set: put it into the environment, or into a file that {name}_FILE names."
    )


def source_setting(name: str, default: str | None = None) -> str:
    """Return a source's own variable, such as HARAVAN_URL.

    Raises:
        SettingMissing: it has no value and no default.
    """
    value = os.environ.get(name) or default
    if not value:
        raise SettingMissing(f"{name} is not set: the source cannot be reached without it.")
    return value


def source_url(source: str) -> str:
    """Return a source's base address: <SOURCE>_URL, else where the sandbox plays it."""
    return os.environ.get(f"{source.upper()}_URL") or f"http://127.0.0.1:{SANDBOX_PORT}/{source}"


def pace(url: str) -> float:
    """Return how many times its vendor's limit an API may be asked: the sandbox allows fifty."""
    return PACE or (50.0 if url.startswith(f"http://127.0.0.1:{SANDBOX_PORT}/") else 1.0)


def source_folder(source: str) -> Path:
    """Return where a source's exported files lie: <SOURCE>_FOLDER, else the sandbox's exports.

    Raises:
        SettingMissing: the variable names no folder: no file there is not the same as no news.
    """
    name = f"{source.upper()}_FOLDER"
    folder = Path(os.environ.get(name) or HOME / "exports" / source).resolve()
    if os.environ.get(name) and not folder.is_dir():
        raise SettingMissing(f"{name} is {folder}, and there is no such folder: is it mounted, and readable?")
    return folder


def dsn(role: str, database: str = "") -> str:
    """Return a libpq connection string for one of `ROLES`, `airflow` or `postgres`.

    Raises:
        SettingMissing: the role's password is nowhere to be found.
    """
    try:
        password = secret(f"CX_PASSWORD_{role.removeprefix('cx_').upper()}")
    except SettingMissing as error:
        raise SettingMissing(
            f"There is no warehouse here yet: `make demo` makes one. To reach another server: {error}"
        ) from None
    return (
        f"host={PG_HOST} port={PG_PORT} dbname={database or DATABASE} user={role} "
        f"password={password} application_name={role}"
    )


def export_for_dbt() -> None:
    """Put what `dbt_project/profiles.yml` asks for into the environment of this process."""
    os.environ.update(
        CX_PG_HOST=PG_HOST,
        CX_PG_PORT=str(PG_PORT),
        CX_DATABASE=DATABASE,
        CX_THREADS=str(THREADS),
        DBT_ENV_SECRET_CX_TRANSFORMER=secret("CX_PASSWORD_TRANSFORMER"),
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
        DO_NOT_TRACK="1",
    )
    # a task keeps what dbt says; writing it down a second time takes a tenth of a run. Who looks for
    # something asks for `debug`
    os.environ.setdefault("DBT_LOG_LEVEL_FILE", "none")
