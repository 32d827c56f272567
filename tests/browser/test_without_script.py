"""The same work where scripts are off: slower by a page or two, and complete."""

from clinic.access.roles import Role
from plans.planning.models import Plan
from plans.scheduling.models import Appointment
from tests.browser.conftest import TABLET
from tests.browser.test_stories import answer, choose, mei, new_episode, told
from tests.factories import make_patient, make_user
from tests.plans.sessions_setting import make_course, make_visit

__all__ = ["mei"]  # the fixture of the stories


def plain(visit, user):
    """A window without scripts, so without axe as well."""
    window = visit(TABLET, java_script_enabled=False)
    window.look = lambda: None
    window.sign_in_at_the_door(user)
    return window


def test_free_times_lead_to_an_appointment(visit, mei):
    patient = make_patient()
    desk = plain(visit, make_user(Role.FRONT_DESK))

    desk.go(f"/schedule/new/?patient={patient.pk}")
    desk.page.get_by_label("Day").fill("2099-03-05")
    desk.page.get_by_label("Time").fill("11:00")
    desk.press("Show free times")
    desk.press("11:00", role="link")
    desk.press("Book", exact=True)

    assert Appointment.objects.get().starts_at.hour == 11
    assert not Appointment.objects.exclude(practitioner=mei).exists()


def test_an_intake_leads_to_a_course(visit, mei):
    episode = new_episode("slr30_45m")
    room = plain(visit, mei)

    room.go(f"/patients/episodes/{episode.pk}/intake/")
    answer(room.page, told("slr30_45m"))
    room.press("Save and screen")
    room.press("Propose a plan", role="link")
    room.press("Propose a plan")
    room.page.get_by_label("Add a point").fill("feiyang")
    room.press("Add", exact=True)
    room.press("Approve as Mei Example")
    room.press("Book the course", role="link")
    room.press("Book all")

    plan = Plan.objects.get()
    assert plan.appointments.count() == plan.versions.get().sessions


def test_a_session_is_signed(visit, mei):
    version = make_course(codes=("GB30", "BL40", "GB34", "BL57", "BL54", "BL60"))
    today = make_visit(version, practitioner=mei)
    room = plain(visit, mei)

    room.go(f"/appointments/{today.pk}/session/")
    room.press("Sign session")
    assert room.page.get_by_text("Count the needles").first.is_visible()

    room.page.get_by_text("No to all five").click()
    choose(room.page, "leg_before", "5")
    room.page.get_by_role("spinbutton", name="Needles in").fill("6")
    room.page.get_by_role("spinbutton", name="Needles out").fill("6")
    room.press("Sign session")

    today.refresh_from_db()
    assert today.session.status == "signed"
