"""The app says in one sentence what is missing, and starts with nothing in a demo."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from clinic.core import env

ROOT = Path(__file__).parent.parent.parent
SHOW = (
    "import json, clinic.settings as s; print(json.dumps({n: getattr(s, n) for n in "
    "('DEMO','DEBUG','ALLOWED_HOSTS','SESSION_COOKIE_SECURE','SECURE_SSL_REDIRECT')}"
    " | {'engine': s.DATABASES['default']['ENGINE'].split('.')[-1],"
    " 'name': str(s.DATABASES['default']['NAME'])}))"
)
PRODUCTION = {
    "DATABASE_URL": "postgres://acu:p%40ss@db.example:5433/clinic?sslmode=require",
    "SECRET_KEY": "x" * 60,
    "ALLOWED_HOSTS": "clinic.example, desk.example",
}


def start(tmp_path, code=SHOW, **environment):
    keep = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=keep | {"DATA_DIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def settings(tmp_path, **environment):
    started = start(tmp_path, **environment)
    assert started.returncode == 0, started.stderr
    return json.loads(started.stdout)


def test_a_demo_needs_nothing_and_listens_to_this_machine_only(tmp_path):
    found = settings(tmp_path)

    assert found["DEMO"]
    assert not found["DEBUG"]
    assert found["engine"] == "sqlite3"
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1"]


def test_the_demo_keeps_its_secret_to_itself(tmp_path):
    first, again = (
        start(tmp_path, "import clinic.settings as s; print(s.SECRET_KEY)").stdout
        for _ in range(2)
    )

    assert first == again
    assert len(first) > 50
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_production_is_postgresql_over_tls(tmp_path):
    found = settings(tmp_path, **PRODUCTION)

    assert found == {
        "DEMO": False,
        "DEBUG": False,
        "ALLOWED_HOSTS": ["clinic.example", "desk.example"],
        "SESSION_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "engine": "postgresql",
        "name": "clinic",
    }


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "ssl"),
    [
        ("smtps://u:p%40ss@mail.example", "mail.example", 465, False, True),
        ("smtp://u:p%40ss@mail.example:25", "mail.example", 25, True, False),
        ("smtp://u:p%40ss@localhost:25", "localhost", 25, False, False),
    ],
)
def test_mail_leaves_this_machine_encrypted(url, host, port, tls, ssl):
    found = env.mail_server(url)

    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == (host, port)
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (tls, ssl)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("u", "p@ss")


@pytest.mark.parametrize("demo", ["0", "1"])
def test_the_demo_never_sends(tmp_path, demo):
    mail = {"EMAIL_URL": "smtp://mail.example", "EMAIL_FROM": "desk@clinic.example"}
    show = "import clinic.settings as s; print(s.EMAIL_BACKEND.split('.')[-2])"

    started = start(tmp_path, show, **PRODUCTION | mail | {"DEMO": demo})

    assert started.stdout.strip() == ("dummy" if demo == "1" else "smtp")


def test_mail_needs_a_sender(tmp_path):
    started = start(tmp_path, **PRODUCTION, EMAIL_URL="smtp://mail.example")

    assert "Set EMAIL_FROM" in started.stderr


def test_a_demo_may_run_on_postgresql(tmp_path):
    url = {"DATABASE_URL": PRODUCTION["DATABASE_URL"], "DEMO": "1"}

    assert settings(tmp_path, **url)["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1"]


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS"])
@pytest.mark.parametrize("value", [None, ""])
def test_production_refuses_to_start_without(tmp_path, name, value):
    environment = {k: v for k, v in PRODUCTION.items() if k != name}
    if value is not None:
        environment[name] = value

    started = start(
        tmp_path,
        "import sys, runpy; sys.argv = ['manage.py', 'check']; "
        "runpy.run_path('manage.py', run_name='__main__')",
        **environment,
    )

    assert started.returncode == 1
    assert started.stderr.strip() == f"Set {name} (see README, 'Settings')."


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DEBUG", "yes", "DEBUG must be 0 or 1, not 'yes'."),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL must look like postgres://"),
        ("EMAIL_URL", "mail.example:25", "EMAIL_URL must look like smtps://"),
        ("EMAIL_URL", "smtp:///x", "EMAIL_URL must look like smtps://"),
        ("DATABASE_URL", "postgres://host", "DATABASE_URL must look like postgres://"),
    ],
)
def test_a_misspelt_setting_is_named(tmp_path, name, value, said):
    started = start(tmp_path, **{"DEMO": "1", name: value})

    assert started.returncode != 0
    assert said in started.stderr


def test_the_address_of_the_database_overrules_how_it_plans():
    plain = env.postgres("postgres://acu@db/clinic")["OPTIONS"]
    told = env.postgres("postgres://acu@db/clinic?options=-c%20jit%3Doff")["OPTIONS"]

    assert "max_parallel_workers_per_gather=0" in plain["options"]
    assert told["options"] == "-c jit=off"
