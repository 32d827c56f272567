from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError

from clinic.access.roles import Role
from clinic.accounts.models import User
from clinic.accounts.services import add_member


class Command(BaseCommand):
    help = "Make the first person of a clinic, who then adds the others in the app."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="As colleagues know them.")
        parser.add_argument(
            "--solo", action="store_true", help="Give all three roles, not only admin."
        )

    def handle(self, *, username, name, solo, **options):
        if User.objects.filter(username__iexact=username).exists():
            raise CommandError(f"There is a {username!r} already.")
        password = getpass("Password: ")
        if password != getpass("Again: "):
            raise CommandError("The two passwords differ.")
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        add_member(
            by=None,
            username=username,
            name=name or username,
            roles=frozenset(Role) if solo else frozenset({Role.ADMIN}),
            password=password,
        )
        self.stdout.write(self.style.SUCCESS(f"{username} can sign in."))
