import os
import socket
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import OperationalError

from clinic.accounts.models import User
from plans.outcomes.services.rows import bring_into_line


class Command(BaseCommand):
    help = "Bring the database and the static files into line. Safe to run again."
    requires_system_checks = []  # they are for the checks of a change, not each start

    def add_arguments(self, parser):
        parser.add_argument("--host", default="", help="Where it will be served.")
        parser.add_argument("--port", default="")

    def handle(self, *, host, port, **options):
        if port and (refused := why_not_serve(host, port)):
            self.stderr.write(refused)
            sys.exit(1)
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            self.stderr.write(f"The database doesn't answer: {error}".strip())
            sys.exit(1)
        call_command("createcachetable", verbosity=0)
        call_command("sync_acupoints", verbosity=0)
        if settings.DEMO and not User.objects.exists():
            call_command("seed_demo", stdout=self.stdout)
        bring_into_line()  # else the first who looks at the outcomes waits for it
        collect_static_files()
        if port:
            self.greet(f"http://{host}:{port}/")

    def greet(self, address: str) -> None:
        self.stdout.write(f"\nAcuplan serves on {address}  (Ctrl-C stops it)\n")
        if settings.DEMO:
            from clinic.management.demo import SIGN_INS

            self.stdout.write("An invented demo clinic. Sign in as:\n")
            for username, password, who in SIGN_INS:
                self.stdout.write(f"  {username:<8} {password:<14} {who}")
        elif not User.objects.exists():
            self.stdout.write("Nobody can sign in yet: run manage.py create_admin.\n")
        self.stdout.flush()


def why_not_serve(host: str, port: str) -> str:
    """One sentence, or nothing where the address is free to serve on."""
    if not port.isdecimal() or not 0 < int(port) < 2**16:
        return f"PORT must be a number from 1 to 65535, not {port!r}."
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, int(port)), family=family).close()
    except OSError as error:
        number = error.errno or 0
        why = os.strerror(number) if number > 0 else error.strerror
        return f"Cannot serve on {host}, port {port}: {why}. Try PORT=8001 ./run"
    return ""


def collect_static_files() -> None:
    if not settings.DEBUG and static_files_changed():
        call_command("collectstatic", interactive=False, verbosity=0)


def static_files_changed() -> bool:
    """Whether a source is newer than what was collected last."""
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.exists():
        return True
    collected = manifest.stat().st_mtime
    ours = settings.BASE_DIR.glob("*/static/**/*")
    packages = (
        Path(sys.prefix) / "requirements.txt",
        Path(sys.prefix) / "requirements-dev.txt",
    )
    sources = [*ours, *(lock for lock in packages if lock.exists())]
    return any(source.stat().st_mtime > collected for source in sources)
