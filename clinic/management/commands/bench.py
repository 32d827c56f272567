from functools import partial
from random import Random

from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection
from django.utils import timezone

from clinic.accounts.models import User
from clinic.management.bench.calendars import planner_cases
from clinic.management.bench.courses import pictures
from clinic.management.bench.generate import SEED, generate
from clinic.management.bench.measure import (
    WARM,
    measure,
    timed,
)
from clinic.management.bench.operations import OPERATIONS, read_clinic
from clinic.management.bench.people import STAFF
from clinic.management.bench.report import (
    BESIDE,
    PAGES,
    PURE,
    beside_rows,
    page_row,
    pure_row,
    table,
)
from clinic.management.bench.together import (
    chart_alone_and_among_others,
    day_alone_and_beside,
)
from clinic.management.commands.prepare import collect_static_files
from patients.records.models import Patient
from plans.engine.propose import propose
from plans.outcomes.services.rows import bring_into_line
from plans.planning.queries import rule_book

CALENDARS = 15
PROPOSE, PLAN = 5, 20  # milliseconds wanted


class Command(BaseCommand):
    help = (
        "Measure the pages on an invented clinic, in a database of its own: "
        "DATA_DIR=var/bench manage.py bench --patients 5000. "
        "Without --patients, on the clinic that it made there before."
    )

    def add_arguments(self, parser):
        parser.add_argument("--patients", type=int, help="Fill an empty database.")
        parser.add_argument("--rounds", type=int, default=60)
        parser.add_argument("--only", default="", help="Operations with this in them.")

    def handle(self, *, patients, rounds, only, **options):
        somebody = somebody_is_here()
        if patients and somebody:
            raise CommandError("Somebody is in this database already.")
        if not patients and not (somebody and made_before()):
            raise CommandError("No clinic of the benchmark is here: give --patients.")
        call_command("migrate", interactive=False, verbosity=0)
        if patients:
            self.fill(patients)
        collect_static_files()
        clinic = read_clinic(timezone.localdate())
        size = f"{Patient.objects.count():,} patients, {connection.vendor}"
        self.stdout.write(f"{size}, {len(clinic.treating)} acupuncturists, in ms:\n")
        chosen = [
            each
            for each in OPERATIONS
            if only in each.name and each.times(clinic) > WARM
        ]
        self.table(PAGES, (page_row(measure(clinic, each, rounds)) for each in chosen))
        if only:
            return
        for name, found in (
            ("the page of a day", day_alone_and_beside(clinic, rounds)),
            ("a patient’s page", chart_alone_and_among_others(clinic, rounds)),
        ):
            self.table((name, *BESIDE), beside_rows(found))
        self.table(PURE, self.pure_work(rounds))

    def fill(self, patients: int) -> None:
        call_command("createcachetable", verbosity=0)
        call_command("sync_acupoints", verbosity=0)

        def written(rows: int) -> None:
            self.stderr.write(f"\r{rows:,} rows", ending="")

        rows = generate(patients, timezone.now(), written)
        self.stderr.write("")
        bring_into_line()
        largest = sorted(rows.items(), key=lambda item: -item[1])[:6]
        self.stdout.write(", ".join(f"{count:,} {name}" for name, count in largest))

    def pure_work(self, rounds: int):
        book = rule_book()
        rng = Random(SEED)  # nosec B311
        facts = [each.facts for each in pictures(rng, timezone.localdate())]
        works = [partial(propose, each, book=book) for each in facts]
        proposed = timed(works * max(rounds // len(works), 1))
        yield pure_row("propose(facts)", proposed, PROPOSE)
        for name, plans in planner_cases(min(rounds, CALENDARS)):
            yield pure_row(name, timed(plans), PLAN)

    def table(self, head, rows) -> None:
        for line in table(head, rows):
            self.stdout.write(line)
        self.stdout.write("")


def somebody_is_here() -> bool:
    if User._meta.db_table not in connection.introspection.table_names():
        return False
    return User.objects.exists() or Patient.objects.exists()


def made_before() -> bool:
    return User.objects.filter(username=f"{STAFF}0").exists()
