"""Settings from the environment. What is wrong stops the start with one sentence."""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit


def count_with_one_core() -> None:
    """Keep numpy’s other threads off: they wait busily for each other, which took the
    explorer three times as long and both cores from everybody else.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class MissingSetting(Exception):
    """A setting is absent or misspelt; the message says what to do."""


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name) or default
    if value is None:
        raise MissingSetting(f"Set {name} (see README, 'Settings').")
    return value


def flag(name: str, default: bool) -> bool:
    value = os.environ.get(name) or ("1" if default else "0")
    if value not in {"0", "1"}:
        raise MissingSetting(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def number(name: str, default: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isdecimal():
        raise MissingSetting(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def words(name: str, default: str | None = None) -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def kept_secret(path: Path) -> str:
    """A key made on the first start and kept beside the data, readable by its owner."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text(encoding="ascii").strip()


def mail_server(url: str) -> dict:
    """Django's settings of a mail server; none where the address is empty.

    What goes to another machine goes encrypted: `smtps` from the first byte, `smtp`
    from the greeting on.
    """
    if not url:
        return {}
    parts = urlsplit(url)
    ports = {"smtp": 587, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname:
        raise MissingSetting(
            "EMAIL_URL must look like smtps://user:password@mail.example:465."
        )
    here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and not here,
        "EMAIL_TIMEOUT": 20,  # seconds
    }


def sqlite(path: Path) -> dict:
    """One writer at a time, queueing at BEGIN instead of failing at the first write."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,  # seconds
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        "CONN_MAX_AGE": 600,  # seconds
    }


PLANNING = (
    # What is read is in memory or on a solid disk, where an index row costs little more
    # than the next row of a table; PostgreSQL's own guess is a turning disk.
    "random_page_cost=1.1",
    # Who counts the whole clinic takes one core, and leaves the others to the day.
    "max_parallel_workers_per_gather=0",
)


def postgres(url: str) -> dict:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise MissingSetting(
            "DATABASE_URL must look like postgres://user:password@host:5432/name."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {"options": " ".join(f"-c {each}" for each in PLANNING)}
        | dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 600,  # seconds
        "CONN_HEALTH_CHECKS": True,
    }
