from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache

from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Subquery

from clinic.core.lookups import ByteOrder
from clinic.core.prepared import Given, prepared
from patients.records.models import Episode, Patient, SearchTerm
from patients.records.names import digits, full_name, near, share_a_word
from patients.records.search import MOST_WORDS, read_search, valid_day

MOST_FOUND = 100  # people; who needs more types another letter
TERMS = [f"term{number}" for number in range(MOST_WORDS)]
PHONE_ENDING = 8  # digits that are the same with and without the country's code


def find_patients(text: str) -> QuerySet[Patient]:
    """Those whom every typed word fits, exact words first, then by name.

    Reads `MOST_FOUND` people at most, by index, however many there are.
    """
    search = read_search(text)
    if not search:
        return Patient.objects.none()
    if search.birth_dates:
        found = Patient.objects.filter(birth_date__in=search.birth_dates)
        for term in search.terms:
            found = found.filter(Exists(terms_of(OuterRef("pk"), term)))
        return found
    return called(rarest_first(search.terms))


def first_found(text: str, number: int) -> list[Patient]:
    """The same, so many of them: for what is asked with every letter that is typed."""
    search = read_search(text)
    if not search or search.birth_dates:
        return list(find_patients(text)[:number])
    ask = _first_called(len(search.terms), number)
    return ask(**dict(zip(TERMS, rarest_first(search.terms), strict=False)))


@cache
def _first_called(words: int, number: int) -> Callable[..., list]:
    terms = [Given(name, CharField()) for name in TERMS[:words]]
    return prepared(lambda: called(terms)[:number])


def rarest_first(terms: Iterable[str]) -> list[str]:
    """The longest word fits the fewest people; the others are looked up per person."""
    return sorted(terms, key=lambda term: -len(term.encode()))


def called(terms: Sequence[str | Given]) -> QuerySet[Patient]:
    rarest, *others = terms
    fitting = SearchTerm.objects.filter(term__prefix=rarest)
    for term in others:
        fitting = fitting.filter(Exists(terms_of(OuterRef("patient"), term)))
    first = fitting.order_by(ByteOrder(F("term"))).values("patient")[:MOST_FOUND]
    exact = SearchTerm.objects.filter(patient=OuterRef("pk"), term=rarest)
    return Patient.objects.filter(pk__in=Subquery(first)).order_by(
        Exists(exact).desc(), "family_name", "given_name", "pk"
    )


def terms_of(patient, term: str | Given) -> QuerySet[SearchTerm]:
    return SearchTerm.objects.filter(patient=patient, term__prefix=term)


def recently_registered() -> QuerySet[Patient]:
    return Patient.objects.order_by("-pk")


def open_episodes(patients: Iterable[Patient]) -> dict[int, Episode]:
    """The newest open episode of each, by the patient's id. One query."""
    episodes = Episode.objects.open().filter(patient__in=[p.pk for p in patients])
    return {e.patient_id: e for e in episodes.order_by("opened_on", "pk")}


def likely_duplicates(
    *, family_name: str, given_name: str, birth_date: date, phone: str = ""
) -> list[Patient]:
    """People already on the books who may be this one.

    Either born that day, or on the day with day and month swapped, and called alike;
    or with the same phone and the same given name.
    """
    name = full_name(family_name, given_name)
    days = [birth_date, valid_day(birth_date.year, birth_date.day, birth_date.month)]
    found = {
        patient.pk: patient
        for patient in Patient.objects.filter(birth_date__in=filter(None, days))
        if share_a_word(patient.name, name) or near(patient.name, name)
    }
    ending = digits(phone)[-PHONE_ENDING:]
    if len(ending) == PHONE_ENDING:
        same_phone = SearchTerm.objects.filter(term=ending).values("patient")
        for patient in Patient.objects.filter(pk__in=same_phone)[:MOST_FOUND]:
            if near(patient.name, name) or share_a_word(patient.given_name, given_name):
                found[patient.pk] = patient
    return sorted(found.values(), key=lambda patient: patient.name)
