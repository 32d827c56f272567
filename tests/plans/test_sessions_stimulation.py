"""Electro, moxa and cupping: asked where a point has them, kept as they were set."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from plans.sessions import services
from plans.sessions.entry import Line, Stimulus
from plans.sessions.models import Session, Stimulation
from plans.sessions.queries import entry_of
from plans.sessions.stimulation import FILE, KINDS, lacking, load_kinds, pairs, unpaired
from tests.factories import make_user
from tests.plans.sessions_setting import make_course, make_visit, ready

GB30 = Line("GB30", "right", 40, "electro")
GB34 = Line("GB34", "right", 20, "electro")
JIAJI = Line("EX-B2-L4", "both", 16, "electro")
BL40 = Line("BL40", "right", 20, "even")
WAVE = Stimulus(
    form="dense_disperse", hz=Decimal("2"), hz_high=Decimal("100"), minutes=20
)


@pytest.mark.parametrize(
    ("lines", "joined", "alone"),
    [
        ([GB30, BL40, GB34], [("GB30", "GB34")], []),
        ([JIAJI], [("EX-B2-L4",)], []),
        ([GB30], [], ["GB30"]),
        ([GB30, GB34, JIAJI], [], ["GB30", "GB34", "EX-B2-L4"]),
        (
            [replace(GB30, pair=2), replace(GB34, pair=2), replace(JIAJI, pair=1)],
            [("EX-B2-L4",), ("GB30", "GB34")],
            [],
        ),
        (
            [replace(GB30, pair=1), replace(GB34, pair=1), JIAJI],
            [("GB30", "GB34")],
            ["EX-B2-L4"],
        ),
        (
            [replace(line, pair=1) for line in (GB30, GB34, JIAJI)],
            [],
            ["GB30", "GB34", "EX-B2-L4"],
        ),
        ([BL40], [], []),
    ],
)
def test_a_current_joins_two_points_or_the_two_sides_of_one(lines, joined, alone):
    assert pairs(lines) == joined
    assert unpaired(lines) == alone


@pytest.mark.parametrize(
    ("kind", "changes", "wrong"),
    [
        ("electro", {}, {}),
        ("electro", {"form": ""}, {"form": "stimulus_open"}),
        ("electro", {"hz_high": None}, {"hz_high": "stimulus_open"}),
        ("electro", {"form": "continuous", "hz_high": None}, {}),
        ("electro", {"hz_high": Decimal(2)}, {"hz_high": "hz_order"}),
        ("electro", {"minutes": 30}, {}),
        ("electro", {"minutes": 31}, {"minutes": "electro_longer"}),
        ("moxa", {"minutes": None}, {"minutes": "moxa_open"}),
        ("moxa", {"minutes": None, "cones": 3}, {}),
        ("cupping", {"minutes": None}, {"minutes": "stimulus_open"}),
    ],
)
def test_what_a_signature_asks_of_it(kind, changes, wrong):
    assert lacking(KINDS[kind], replace(WAVE, **changes), 30) == wrong


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        ("hz = [0.5, 200]", "hz = [200, 0.5]", "in disorder"),
        ('["P30"]', '["NOBODY"]', "not on the shelf"),
        ('["P30"]', "[]", "where it was read"),
        ('needs = ["form"]', 'needs = ["colour"]', "not asked"),
        (', zh-hans = "艾条"', "", "zh-hans is missing"),
    ],
)
def test_a_file_that_is_not_complete_is_refused(tmp_path, was, now, why):
    path = tmp_path / "stimulation.toml"
    shipped = FILE.read_text(encoding="utf-8")
    assert was in shipped
    path.write_text(shipped.replace(was, now), encoding="utf-8")

    with pytest.raises(ValueError, match=why):
        load_kinds(path)


def electro_course(**answers):
    by = make_user(trained_electro=True)
    return make_course(
        codes=("GB30", "GB34"),
        intake={"taken_by": by}
        | ({"answers": make_course().intake.answers | answers} if answers else {}),
    )


def draft(version, **fields):
    visit = make_visit(version, **fields)
    return services.open_session(by=visit.practitioner, appointment=visit)


def attempt(session, **changes):
    entry = ready(session, lines=(GB30, GB34), needles_in=2, needles_out=2)
    return services.sign(
        by=session.appointment.practitioner,
        session=session,
        revision=session.revision,
        entry=replace(entry, **changes),
        now=timezone.now(),
    )


@pytest.mark.django_db
def test_settings_are_choices_for_next_time_what_was_felt_is_not():
    version = electro_course()
    session = draft(version, days_ago=3)
    given = replace(WAVE, felt="strong", milliamps=Decimal("1.5"))
    attempt(session, stimulation={"electro": given})

    session.refresh_from_db()
    assert entry_of(session).stimulation == {"electro": given}
    later = draft(version)
    assert entry_of(later).stimulation == {"electro": WAVE}
    assert [line.technique for line in entry_of(later).lines] == ["electro"] * 2


@pytest.mark.django_db
def test_a_current_without_its_settings_is_not_signed():
    session = draft(electro_course())

    with pytest.raises(services.NotReady) as caught:
        attempt(session)

    assert {(p.field, p.kind) for p in caught.value.problems} == {
        ("electro-form", "stimulus_open"),
        ("electro-hz", "stimulus_open"),
        ("electro-minutes", "stimulus_open"),
    }


@pytest.mark.django_db
def test_a_pacemaker_takes_no_current_however_it_is_set():
    session = draft(electro_course(electronic_implant=True))

    with pytest.raises(services.NotReady) as caught:
        attempt(session, stimulation={"electro": WAVE})

    assert {(p.field, p.kind) for p in caught.value.problems} == {
        ("GB30-drop", "block"),
        ("GB34-drop", "block"),
    }


@pytest.mark.django_db
def test_settings_are_fixed_with_their_session():
    session = draft(electro_course())
    attempt(session, stimulation={"electro": WAVE})

    with pytest.raises(IntegrityError), transaction.atomic():
        session.stimulations.update(minutes=5)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "electro"},
        {"kind": "electro", "hz": 10, "hz_high": 10},
        {"kind": "moxa", "hz": 10},
        {"kind": "cupping", "cones": 2},
        {"kind": "moxa", "form": ""},
        {"kind": "electro", "hz": 10, "felt": "bliss"},
    ],
)
def test_the_database_keeps_to_each_kind_what_it_has(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Stimulation.objects.create(
            session=draft(make_course()), **{"form": "stick", "minutes": 20} | fields
        )


@pytest.mark.django_db
def test_the_page_asks_only_for_what_a_point_has_and_shows_what_was_set(client):
    version = electro_course()
    visit = make_visit(version, days_ago=3)
    client.force_login(visit.practitioner)
    place = reverse("plans:log", args=[visit.pk])
    sent = {
        "revision": "0",
        "none_of_these": "on",
        "leg_before": "6",
        "needles_in": "2",
        "needles_out": "2",
        "retention_min": "30",
        "point": ["GB30", "GB34"],
        "do": "sign",
    }
    for code in sent["point"]:
        sent |= {f"{code}-side": "right", f"{code}-depth_mm": "20"}
        sent |= {f"{code}-technique": "electro", f"{code}-de_qi": "yes"}

    shown = client.get(place).content.decode()
    assert shown.count("data-stimulation") == 3
    assert 'id="electro" data-stimulation="electro"' in shown
    page = client.post(place, sent)

    assert page.status_code == 422
    parts = {part.kind.id: part.used for part in page.context["stimulation"]}
    assert parts == {"electro": True, "moxa": False, "cupping": False}
    assert 'href="#id_electro-hz"' in page.content.decode()

    too_much = {"electro-hz": "900", "electro-form": "dense_disperse"}
    page = client.post(place, sent | too_much | {"revision": "1"})
    assert page.status_code == 422
    assert 'value="900"' in page.content.decode()

    sent |= {"electro-form": "dense_disperse", "electro-hz": "2", "revision": "2"}
    sent |= {"electro-hz_high": "100", "electro-minutes": "20"}
    sent |= {"electro-felt": "strong", "electro-milliamps": "1.5"}
    page = client.post(place, sent, follow=True)

    assert Session.objects.get(appointment=visit).status == Session.Status.SIGNED
    words = "dense-disperse · 2/100 Hz · GB30–GB34 · 20 min · strong, comfortable"
    assert f"{words} · 1.5 mA" in page.content.decode()

    later = make_visit(version)
    page = client.get(reverse("plans:log", args=[later.pk]))
    (electro,) = (p for p in page.context["stimulation"] if p.used)
    assert electro.copied
    assert {f.name: f.value() for f in electro.fields if f.value()} == {
        "electro-form": "dense_disperse",
        "electro-hz": Decimal("2.0"),
        "electro-hz_high": Decimal("100.0"),
        "electro-minutes": 20,
    }
