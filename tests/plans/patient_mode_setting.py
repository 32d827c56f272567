"""A device in patient mode, and the way through its questions."""

from patients.intake.screen import SHORT_SCREEN

START = "/tablets/start/"
WELCOME = "/patient-mode/"
BORN = "/patient-mode/birth-date/"
INITIALS = "/patient-mode/initials/"
TIME = "/patient-mode/time/"
NO_TO_ALL = dict.fromkeys(SHORT_SCREEN, "no")


def question(step):
    return f"/patient-mode/questions/{step}/"


def farewell(how):
    return f"/patient-mode/end/{how}/"


def say_who(tablet, patient, initials=None):
    """Birth date, then initials; the answer to the second."""
    born = patient.birth_date
    date = {"day": born.day, "month": born.month, "year": born.year}
    assert tablet.post(BORN, date).url == INITIALS
    letters = initials or f"{patient.given_name[0]}{patient.family_name[0]}"
    return tablet.post(INITIALS, {"initials": letters})


def answer(tablet, *, visit, leg=6, back=4, function=5, ticked=None, **safety):
    """From the first question to the last; the answer to the last."""
    for step, value in {"leg": leg, "back": back, "function": function}.items():
        tablet.post(question(step), {"value": value})
    sent = {"do": "pass"} if ticked is None else {"do": "done", "ticked": ticked}
    tablet.post(question("statements"), sent)
    return tablet.post(question("check"), {"visit": visit.pk} | NO_TO_ALL | safety)
