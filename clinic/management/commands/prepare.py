import sys
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, call_command

from clinic.accounts.models import User


class Command(BaseCommand):
    help = "Bring the database and the static files into line. Safe to run again."

    def add_arguments(self, parser):
        parser.add_argument("--address", default="", help="Printed when all is ready.")

    def handle(self, *, address, **options):
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("sync_acupoints", verbosity=0)
        if settings.DEMO and not User.objects.exists():
            call_command("seed_demo", stdout=self.stdout)
        if not settings.DEBUG and static_files_changed():
            call_command("collectstatic", interactive=False, verbosity=0)
        if address:
            self.greet(address)

    def greet(self, address: str) -> None:
        self.stdout.write(f"\nAcuplan serves on {address}\n")
        if settings.DEMO:
            from clinic.management.demo import SIGN_INS

            self.stdout.write("An invented demo clinic. Sign in as:\n")
            for username, password, who in SIGN_INS:
                self.stdout.write(f"  {username:<8} {password:<16} {who}")
        elif not User.objects.exists():
            self.stdout.write("Nobody can sign in yet: run manage.py create_admin.\n")
        self.stdout.flush()


def static_files_changed() -> bool:
    """Whether a source is newer than what was collected last."""
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.exists():
        return True
    collected = manifest.stat().st_mtime
    ours = (settings.BASE_DIR / "clinic" / "static").rglob("*")
    packages = (
        Path(sys.prefix) / "requirements.txt",
        Path(sys.prefix) / "requirements-dev.txt",
    )
    sources = [*ours, *(lock for lock in packages if lock.exists())]
    return any(source.stat().st_mtime > collected for source in sources)
