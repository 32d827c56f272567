from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from clinic.accounts.models import User
from clinic.management.demo.seeding import seed
from patients.records.models import Patient


class Command(BaseCommand):
    help = "Fill an empty database with an invented clinic. Only where DEMO is 1."

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("This is not a demo: nothing invented goes in here.")
        if Patient.objects.exists() or User.objects.exists():
            raise CommandError("Somebody is in this database already.")
        now = timezone.localtime()
        seed(now.date(), now.time())
        self.stdout.write(f"Invented {Patient.objects.count()} patients.")
