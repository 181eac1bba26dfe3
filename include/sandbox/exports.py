"""Files that the sandbox's company exports: each replaced whole, and only when its bytes changed."""

from pathlib import Path


def folder(home: Path, source: str) -> Path:
    """Return the folder of a source's exports, made where it is not there."""
    path = home / "exports" / source
    path.mkdir(parents=True, exist_ok=True)
    return path


def replace(path: Path, body: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part."""
    if path.exists() and path.read_bytes() == body:
        return
    part = path.with_suffix(path.suffix + ".part")
    part.write_bytes(body)
    part.replace(path)
