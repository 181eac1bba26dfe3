"""Run the sandbox: `python -m include.sandbox --port 25480 --home .cx --end 2026-11-21`."""

import argparse
import secrets
from datetime import date, datetime, timedelta
from pathlib import Path

import uvicorn

from include import settings
from include.sandbox import channels, defects, world
from include.sandbox.seasons import VIETNAM
from include.sandbox.server import make_app
from include.sandbox.stage import Stage


def credentials(home: Path) -> dict[str, str]:
    """Return what callers have to show: what is set, else secrets made once and kept in HOME."""
    return {name: _secret(home, name) for name in channels.secrets()}


def _secret(home: Path, name: str) -> str:
    path = home / "secrets" / name.lower()
    if path.is_file():
        return path.read_text().strip()
    try:
        return settings.secret(name)
    except settings.SettingMissing:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(0o600)
        path.write_text(channels.private_key(name) or secrets.token_urlsafe(24))
        return path.read_text()


def main() -> None:
    """Build the world and serve it on loopback until told to stop."""
    yesterday = datetime.now(VIETNAM).date() - timedelta(days=1)
    parser = argparse.ArgumentParser(prog="python -m include.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=settings.SANDBOX_PORT)
    parser.add_argument("--home", type=Path, default=settings.HOME)
    parser.add_argument("--seed", type=int, default=settings.SANDBOX_SEED)
    parser.add_argument("--customers", type=int, default=settings.SANDBOX_CUSTOMERS)
    parser.add_argument("--end", type=date.fromisoformat, default=yesterday)
    parser.add_argument("--speed", type=float, default=50.0, help="limits, times the vendors'")
    parser.add_argument("--defect", action="append", default=[], choices=defects.NAMES)
    chosen = parser.parse_args()
    company = world.build(chosen.seed, chosen.customers, chosen.end)
    stage = Stage(company, chosen.home, tuple(chosen.defect), secrets=credentials(chosen.home))
    app = make_app(stage, chosen.speed)
    uvicorn.run(
        app, host="127.0.0.1", port=chosen.port, log_level="warning", access_log=False, date_header=False
    )  # fmt: skip


if __name__ == "__main__":
    main()
