"""Names, ages and staff of an invented clinic, as many as are wanted."""

from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from django.contrib.auth.hashers import make_password

from clinic.accounts.models import User
from clinic.management.bench.rows import Tables
from clinic.management.demo.people import HAN, HAN_MEN, HAN_WOMEN, MEN, WOMEN
from patients.records.models import Patient, SearchTerm
from patients.records.names import patient_terms
from plans.scheduling.clock import moment_of
from plans.scheduling.queries import clinic_zone

STARTS = "Bei Mus Exem Ejem Prü Mod Tes Vor Pat Kop Ras Lim Dor Fen Gar Hal".split()
ENDS = "spiel ter pel plo bild ell tova berg mann sen ski ova etti oğlu ström".split()
FAMILIES = [start + end for start in STARTS for end in ENDS]
# A few names are common and most are rare, as in any town.
COMMON = list(accumulate(1 / rank for rank in range(1, len(FAMILIES) + 1)))
STAFF = "bench"  # begins their user names
CHINESE = 0.15  # of the patients


class Crowd:
    def __init__(self, rng: Random, tables: Tables) -> None:
        self._rng, self._tables = rng, tables

    def staff(self, acupuncturists: int) -> tuple[list[int], int, int]:
        """Acupuncturists, somebody at the desk and an admin. Nobody has a password."""
        rights = [{"is_acupuncturist": True}] * acupuncturists
        rights += [{"is_front_desk": True}, {"is_admin": True}]
        *treating, desk, admin = (
            self._tables.add(
                User,
                username=f"{STAFF}{number}",
                name=f"{self._rng.choice(WOMEN)} {self._rng.choice(FAMILIES)}",
                password=make_password(None),
                **roles,
            )
            for number, roles in enumerate(rights)
        )
        return treating, desk, admin

    def patient(self, registered: date) -> int:
        rng, nine = self._rng, datetime.combine(registered, time(9))
        sex = rng.choice(("female", "female", "male"))
        if rng.random() < CHINESE:
            family = rng.choice(HAN)
            given = rng.choice(HAN_WOMEN if sex == "female" else HAN_MEN)
        else:
            (family,) = rng.choices(FAMILIES, cum_weights=COMMON)
            given = rng.choice(WOMEN if sex == "female" else MEN)
        years = min(max(rng.gauss(50, 14), 18), 92)
        phone = f"07700 9{rng.randrange(10**5):05}"
        number = self._tables.add(
            Patient,
            family_name=family,
            given_name=given,
            birth_date=registered - timedelta(days=round(years * 365.25)),
            sex=sex,
            phone=phone,
            alerts="" if rng.random() < 0.9 else "Takes a blood thinner",
            registered_at=moment_of(nine, clinic_zone()),
        )
        for term in patient_terms(family, given, "", phone):
            self._tables.add(SearchTerm, patient_id=number, term=term)
        return number
