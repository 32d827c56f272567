"""What is run from a shell: to start, to begin a clinic, to bring data into line."""

import os
import socket

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from clinic.access.roles import Role
from clinic.accounts.models import User
from clinic.audit.models import AuditEvent
from clinic.management.commands import create_admin, prepare
from clinic.management.demo import SIGN_INS
from clinic.management.demo.stories import STORIES
from patients.records.models import Patient
from plans.catalogue.models import Acupoint
from plans.catalogue.points import read_catalogue
from tests.factories import make_patient, make_user

pytestmark = pytest.mark.django_db

GOOD = "a-long-password"


@pytest.fixture
def typed(monkeypatch):
    """What is typed where a password is asked for."""

    def type_in(*passwords):
        answers = iter(passwords)
        monkeypatch.setattr(create_admin, "getpass", lambda prompt: next(answers))

    return type_in


# ------------------------------------------------------------------ the first person


def test_the_first_admin_of_a_clinic_signs_in_and_manages_staff(typed, client):
    typed(GOOD, GOOD)

    call_command("create_admin", "grace", name="Grace Muster")

    grace = User.objects.get()
    assert (grace.name, grace.roles) == ("Grace Muster", {Role.ADMIN})
    assert client.login(username="grace", password=GOOD)
    assert client.get(reverse("staff")).status_code == 200
    assert AuditEvent.objects.get().action == "add_member"


def test_somebody_who_works_alone_has_every_role(typed):
    typed(GOOD, GOOD)

    call_command("create_admin", "grace", "--solo")

    assert User.objects.get().roles == set(Role)


@pytest.mark.parametrize(
    ("passwords", "why"),
    [((GOOD, "another-one"), "differ"), (("short", "short"), "too short")],
)
def test_a_poor_password_makes_nobody(typed, passwords, why):
    typed(*passwords)

    with pytest.raises(CommandError, match=why):
        call_command("create_admin", "grace")

    assert not User.objects.exists()


def test_a_user_name_is_taken_in_any_case_of_its_letters(typed):
    make_user(username="Grace")
    typed(GOOD, GOOD)

    with pytest.raises(CommandError, match="already"):
        call_command("create_admin", "grace")


# ------------------------------------------------------------------ prepare


@pytest.fixture
def plain(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").write_text("{}")
    return settings


def test_a_demo_begins_with_the_invented_clinic_and_keeps_it(
    plain, capsys, monkeypatch
):
    plain.DEMO = True
    monkeypatch.setattr("clinic.management.demo.seeding.STORIES", STORIES[:3])
    monkeypatch.setattr("clinic.management.demo.seeding.FORMER", 0)

    call_command("prepare")
    patients = set(Patient.objects.values_list("pk", flat=True))
    call_command("prepare")

    assert patients
    assert set(Patient.objects.values_list("pk", flat=True)) == patients
    assert User.objects.count() == len(SIGN_INS)


def test_a_clinic_begins_empty_and_nobody_knows_a_password(plain, capsys):
    plain.DEMO = False

    call_command("prepare", host="127.0.0.1", port=str(free_port()))

    assert not User.objects.exists()
    assert not Patient.objects.exists()
    said = capsys.readouterr().out
    assert "create_admin" in said
    assert not any(password in said for _, password, _ in SIGN_INS)


def test_a_clinic_keeps_what_it_has(plain):
    plain.DEMO = False
    make_patient()
    make_user()

    call_command("prepare")

    assert Patient.objects.count() == User.objects.count() == 1


def test_the_greeting_of_a_demo_names_everybody_who_can_sign_in(plain, capsys):
    plain.DEMO = True
    make_user()  # so that nothing is seeded

    call_command("prepare", host="127.0.0.1", port=(port := str(free_port())))

    said = capsys.readouterr().out
    assert f"http://127.0.0.1:{port}/" in said
    for username, password, _ in SIGN_INS:
        assert f"  {username} " in said
        assert password in said


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_a_port_in_use_is_said_in_one_sentence_before_anything_is_done(plain, capsys):
    plain.DEMO = True
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        with pytest.raises(SystemExit) as stopped:
            call_command("prepare", host="127.0.0.1", port=str(port))

    assert stopped.value.code == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert f"port {port}: Address already in use" in said[0]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("host", "port", "why"),
    [
        ("127.0.0.1", "80a", "PORT must be a number"),
        ("127.0.0.1", "0", "PORT must be a number"),
        ("127.0.0.1", "65536", "PORT must be a number"),
        ("192.0.2.1", "8000", "Cannot serve on 192.0.2.1"),
    ],
)
def test_an_address_that_cannot_be_served_on_is_refused(host, port, why):
    assert prepare.why_not_serve(host, port).startswith(why)


def test_a_free_address_is_served_on():
    assert prepare.why_not_serve("127.0.0.1", str(free_port())) == ""


def test_static_files_are_collected_when_one_is_newer(plain, tmp_path):
    manifest = tmp_path / "staticfiles.json"
    assert not prepare.static_files_changed()

    os.utime(manifest, (0, 0))
    assert prepare.static_files_changed()

    manifest.unlink()
    assert prepare.static_files_changed()


# ------------------------------------------------------------------ the catalogue


def test_acupoints_are_brought_into_line_and_none_is_taken_away(capsys):
    Acupoint.objects.filter(code="GB30").update(hanzi="?")
    Acupoint.objects.get(code="BL40")
    number = Acupoint.objects.count()

    call_command("sync_acupoints")
    call_command("sync_acupoints")

    assert Acupoint.objects.get(code="GB30").hanzi == "环跳"
    assert Acupoint.objects.count() == number == len(read_catalogue())
    assert str(number) in capsys.readouterr().out


def test_acupoints_are_brought_into_line_without_a_word(capsys):
    call_command("sync_acupoints", verbosity=0)

    assert capsys.readouterr().out == ""
