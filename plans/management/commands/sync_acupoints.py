from django.core.management.base import BaseCommand

from plans.catalogue.services import load_acupoints


class Command(BaseCommand):
    help = "Bring the acupoint table into line with the catalogue. Safe to run again."

    def handle(self, *, verbosity, **options):
        number = load_acupoints()
        if verbosity:
            self.stdout.write(f"{number} acupoints in line with the catalogue.")
