"""Airflow on one machine: its settings, its start."""

import json
import os
import subprocess
import sys
from pathlib import Path

from include import postgres, settings
from include.demo import DemoFailed, processes
from include.demo.airflow_api import PUBLIC, USER

AIRFLOW_HOME = settings.HOME / "airflow"


def environment() -> dict[str, str]:
    """Return the environment of the demo's programs: this one's, with our folders and ports."""
    return os.environ | {
        "CX_HOME": str(settings.HOME),
        "CX_PG_PORT": str(settings.PG_PORT),
        "CX_SANDBOX_PORT": str(settings.SANDBOX_PORT),
        # Airflow imports config/airflow_local_settings.py
        "PYTHONPATH": f"{settings.PROJECT}{os.pathsep}{settings.PROJECT / 'config'}",
        "CX_LOG_SERVER_HOST": "127.0.0.1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "SCARF_ANALYTICS": "false",
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "ZENDESK_EMAIL": settings.source_setting("ZENDESK_EMAIL", "warehouse@shop.example"),
    }


def start(inbox: Path) -> bool:
    """Start Airflow, its metadata brought up to date; return whether it was alive already.

    It is restarted where it reads another inbox.

    Raises:
        DemoFailed: it did not come up; what it said is told.
    """
    if processes.find("airflow"):
        if processes.note("airflow") == str(inbox):
            processes.wait("airflow", f"{PUBLIC}/api/v2/monitor/health")
            return True
        processes.stop("airflow")
    AIRFLOW_HOME.mkdir(parents=True, exist_ok=True)
    passwords = AIRFLOW_HOME / "passwords.json"
    passwords.touch(mode=0o600)
    passwords.write_text(json.dumps({USER: postgres.make_secret("AIRFLOW_PASSWORD")}))
    variables = environment() | _airflow_settings(passwords) | {"CX_INBOX": str(inbox)}
    for command in (
        ["db", "migrate"],
        ["pools", "set", "dbt_writer", "1", "one writer of the rooms"],
        ["pools", "set", "sources", "4", "sources that are read at once"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *command],
            cwd=settings.HOME, env=variables, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise DemoFailed(f"airflow {' '.join(command)} failed:\n{done.stderr[-2000:]}")
    processes.start("airflow", [sys.executable, "-m", "airflow", "standalone"], variables, str(inbox))
    processes.wait("airflow", f"{PUBLIC}/api/v2/monitor/health")
    return False


def _airflow_settings(passwords: Path) -> dict[str, str]:
    password = settings.secret("CX_PASSWORD_AIRFLOW")
    database = f"{settings.PG_HOST}:{settings.PG_PORT}/airflow"
    made = {
        "AIRFLOW_HOME": str(AIRFLOW_HOME),
        "CORE__DAGS_FOLDER": str(settings.PROJECT / "dags"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "4",
        "CORE__DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
        "CORE__FERNET_KEY": _fernet_key(),
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "CORE__EXECUTION_API_SERVER_URL": f"{PUBLIC}/execution/",
        # what is new in the folder is looked for as often: without, each Dag is read anew twice a minute
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://airflow:{password}@{database}",
        "API__HOST": "127.0.0.1",
        "API__PORT": str(settings.AIRFLOW_PORT),
        "API__BASE_URL": PUBLIC,
        "API__WORKERS": "1",
        "API__SECRET_KEY": postgres.make_secret("AIRFLOW_SECRET_KEY"),
        "API_AUTH__JWT_SECRET": postgres.make_secret("AIRFLOW_JWT_SECRET") * 2,
        "LOGGING__WORKER_LOG_SERVER_PORT": str(settings.AIRFLOW_PORT + 1),
        "TRIGGERER__TRIGGERER_LOG_SERVER_PORT": str(settings.AIRFLOW_PORT + 2),
        "LOGGING__TRIGGER_LOG_SERVER_PORT": str(settings.AIRFLOW_PORT + 2),
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return {name if name == "AIRFLOW_HOME" else f"AIRFLOW__{name}": value for name, value in made.items()}


def _fernet_key() -> str:
    from cryptography.fernet import Fernet

    path = settings.SECRETS / "airflow_fernet_key"
    if not path.is_file():
        path.touch(mode=0o600)
        path.write_bytes(Fernet.generate_key())
    return path.read_text()
