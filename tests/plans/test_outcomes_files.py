"""The explorer, and what leaves the clinic: nothing that runs, nobody who is named."""

import csv
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from clinic.access import roles
from clinic.access.roles import Permission, Role
from clinic.audit.models import AuditEvent
from clinic.core.spreadsheet import as_csv, harmless
from plans.outcomes import views
from plans.outcomes.models import TakeAway
from plans.outcomes.presenters.leaving import WITHHELD
from plans.outcomes.services.rows import bring_into_line
from plans.outcomes.withhold import rare
from tests.factories import make_intake, make_plan, sign_in
from tests.plans.caseload import DAY, MONDAY_NINE, make_session
from tests.plans.outcome_references import caseload

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
ALL = "?first=&last=&by="


@pytest.fixture
def first_of_june(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def rows_of(response):
    return list(csv.reader(StringIO(response.content.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=cmd", "\ufeff=1"],
)
def test_a_cell_that_would_run_is_made_harmless(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["BL40", "", "a=b", "é", None, 0, -2.1, 3])
def test_other_cells_stay(cell):
    assert harmless(cell) == cell


def test_quotes_and_lines_come_back_as_they_were():
    text = as_csv([["a,b", 'say "x"', "two\nlines", None]])

    assert next(csv.reader(StringIO(text[1:]))) == ["a,b", 'say "x"', "two\nlines", ""]


def test_rare_kinds_are_hidden_together_with_the_next():
    assert rare(["a"] * 9) == set()
    assert rare(["a"] * 9 + ["b"] * 3 + ["c"] * 6) == {"b", "c"}
    assert rare(["a"] * 9 + ["b"] * 3 + ["c"] * 4) == {"b", "c"}


def treated(by, base, later, *, name="Reyes", **intake):
    visit = make_intake(taken_by=by, taken_at=MONDAY_NINE - DAY, **intake)
    patient = visit.episode.patient
    patient.family_name = name
    patient.save()
    version = make_plan(intake=visit)
    make_session(version, MONDAY_NINE, leg=base)
    make_session(version, MONDAY_NINE + 28 * DAY, leg=later)
    return version


@pytest.mark.django_db
@pytest.mark.usefixtures("first_of_june")
class TestFiles:
    def test_every_table_comes_as_a_file_and_every_column_is_explained(self, client):
        admin = sign_in(client, Role.ADMIN)
        for _each in range(5):
            treated(admin, 8, 4)
        page = client.get(f"/outcomes/take-away/{ALL}").content.decode()

        files = re.findall(r"/outcomes/files/([a-z0-9_]+)\.csv", page)
        told = {
            (row[0], row[1])
            for row in rows_of(client.get(f"/outcomes/files/dictionary.csv{ALL}"))
        }

        assert {"flow", "response", "adverse_events", "explorer"} < set(files)
        for name in set(files) - {"dictionary"}:
            response = client.get(f"/outcomes/files/{name}.csv{ALL}")
            head, *_rows = rows_of(response)
            assert response["Content-Disposition"].endswith(f'-{name}.csv"')
            assert {(name, column) for column in head} <= told

    def test_numbers_are_those_of_the_page(self, client):
        admin = sign_in(client, Role.ADMIN)
        for number in range(12):
            treated(admin, 8, 4 + number % 2)

        head, leg, *_rest = rows_of(client.get(f"/outcomes/files/change.csv{ALL}"))
        found = dict(zip(head, leg, strict=True))

        assert (found["row"], found["n"]) == ("leg_nrs", "12")
        assert (found["before"], found["after"]) == ("8.0", "4.5")
        assert found["mean_change"] == "-3.5"

    def test_few_courses_tell_nothing(self, client):
        admin = sign_in(client, Role.ADMIN)
        for _each in range(4):
            treated(admin, 8, 4)
        make_intake(taken_by=admin)

        _head, leg, *_rest = rows_of(client.get(f"/outcomes/files/change.csv{ALL}"))

        assert set(leg[3:]) == {WITHHELD, ""}

    def test_of_four_episodes_not_even_a_nought_leaves(self, client):
        admin = sign_in(client, Role.ADMIN)
        for _each in range(4):
            treated(admin, 8, 4)

        page = client.get(f"/outcomes/take-away/{ALL}").content.decode()
        paper = client.get(f"/outcomes/paper/{ALL}").content.decode()
        file = client.get(f"/outcomes/files/adverse_events.csv{ALL}")

        assert "fewer than five episodes nothing leaves" in page
        assert "files/flow.csv" not in page
        assert "fewer than five episodes nothing leaves" in paper
        assert "Who is counted" not in paper
        assert file.url == f"/outcomes/take-away/{ALL}"

    def test_a_filter_counts_here_too(self, client):
        admin = sign_in(client, Role.ADMIN)
        for _each in range(6):
            treated(admin, 8, 4, answers={"patterns": ["cold_damp"]})
        treated(admin, 8, 4)

        def intakes(query):
            return rows_of(client.get(f"/outcomes/files/flow.csv{query}"))[1][3]

        assert (intakes(ALL), intakes(f"{ALL}&pattern=cold_damp")) == ("7", "6")
        assert intakes(f"{ALL}&pattern=damp_heat") == "0"

    def test_no_such_table_and_a_wrong_choice(self, client):
        sign_in(client, Role.ADMIN)

        assert client.get(f"/outcomes/files/nothing.csv{ALL}").status_code == 404
        wrong = client.get("/outcomes/files/flow.csv?first=tomorrow")
        assert wrong.url == "/outcomes/?first=tomorrow"
        assert client.get("/outcomes/take-away/?phase=x").status_code == 422

    @pytest.mark.parametrize("role", [Role.ACUPUNCTURIST, Role.FRONT_DESK])
    def test_only_the_admin_may(self, client, role):
        sign_in(client, role)

        for path in ("explorer/", "take-away/", "take-away/1/", "files/flow.csv"):
            assert client.get(f"/outcomes/{path}").status_code == 403

    @pytest.mark.parametrize("courses", [1, 3])
    def test_query_count_does_not_grow(
        self, client, django_assert_num_queries, courses
    ):
        """Nine as of the page: session, user, marks, intake takers and five counts."""
        admin = sign_in(client, Role.ADMIN)
        for _each in range(courses):
            treated(admin, 8, 4)
        client.get(f"/outcomes/{ALL}")

        with django_assert_num_queries(9):
            client.get(f"/outcomes/files/flow.csv{ALL}")
        with django_assert_num_queries(5):
            client.get(f"/outcomes/explorer/{ALL}")


@pytest.mark.django_db
@pytest.mark.usefixtures("first_of_june")
class TestCourseByCourse:
    def send(self, client, **fields):
        sent = {"reason": "Audit of the region", "submission": uuid4()} | fields
        return client.post(f"/outcomes/take-away/{ALL}", sent)

    def test_without_names_nobody_can_be_told(self, client):
        admin = sign_in(client, Role.ADMIN)
        for _each in range(5):
            treated(admin, 8, 4, name="=HYPERLINK(1)")
        rare_one = treated(admin, 8, 4).plan.episode.patient
        rare_one.sex = "male"
        rare_one.save()

        answer = self.send(client)
        head, *rows = rows_of(client.get(answer.url))

        assert len(rows) == 6
        assert "family_name" not in head
        assert not any(
            "HYPER" in cell or "Reyes" in cell for row in rows for cell in row
        )
        # One man among five women: with nobody to hide among, all of them are hidden.
        assert {row[head.index("sex")] for row in rows} == {WITHHELD}
        (event,) = AuditEvent.objects.filter(action="take_courses")
        assert (event.by, event.details) == (admin, {"with_names": False})

    def test_with_names_for_a_reason_that_is_kept(self, client):
        admin = sign_in(client, Role.ADMIN)
        treated(admin, 8, 4, name="=HYPERLINK(1)")

        answer = self.send(client, with_names="on")
        head, row = rows_of(client.get(answer.url))

        assert row[head.index("family_name")] == "'=HYPERLINK(1)"
        taken = TakeAway.objects.get()
        assert (taken.reason, taken.with_names) == ("Audit of the region", True)

    def test_names_need_their_own_permission(self, client, monkeypatch):
        sign_in(client, Role.ADMIN)
        rights = roles.ROLE_PERMISSIONS[Role.ADMIN] - {Permission.TAKE_NAMES}
        monkeypatch.setitem(roles.ROLE_PERMISSIONS, Role.ADMIN, rights)
        roles.permissions_of.cache_clear()

        self.send(client, with_names="on")
        roles.permissions_of.cache_clear()

        assert TakeAway.objects.get().with_names is False

    @pytest.mark.parametrize("number", [1, 3])
    def test_each_fetch_with_names_stands_beside_every_patient(
        self, client, django_assert_num_queries, number
    ):
        admin = sign_in(client, Role.ADMIN)
        patients = [
            treated(admin, 8, 4).plan.episode.patient for _each in range(number)
        ]
        answer = self.send(client, with_names="on")
        bring_into_line()

        with django_assert_num_queries(10):
            client.get(answer.url)
        client.get(answer.url)

        for patient in patients:
            trail = AuditEvent.objects.filter(patient_id=patient.pk, by=admin)
            assert trail.filter(action="open_record").count() == 2
        fetched = AuditEvent.objects.filter(action="fetch_courses")
        assert [event.details for event in fetched] == [{"courses": number}] * 2

    def test_a_fetch_without_names_opens_no_record(self, client):
        treated(sign_in(client, Role.ADMIN), 8, 4)

        client.get(self.send(client).url)

        assert AuditEvent.objects.filter(action="fetch_courses").count() == 1
        assert not AuditEvent.objects.filter(action="open_record").exists()

    def test_whoever_loses_the_right_to_names_fetches_none(self, client, monkeypatch):
        treated(sign_in(client, Role.ADMIN), 8, 4)
        url = self.send(client, with_names="on").url
        rights = roles.ROLE_PERMISSIONS[Role.ADMIN] - {Permission.TAKE_NAMES}
        monkeypatch.setitem(roles.ROLE_PERMISSIONS, Role.ADMIN, rights)
        roles.permissions_of.cache_clear()

        status = client.get(url).status_code
        roles.permissions_of.cache_clear()

        assert status == 403
        assert not AuditEvent.objects.filter(action="fetch_courses").exists()

    def test_the_order_of_a_file_tells_nothing_of_the_records(self, client):
        admin = sign_in(client, Role.ADMIN)
        made = [str(treated(admin, 8, 4).plan.episode.patient.pk) for _n in range(6)]

        def order(seed):
            answer = self.send(client, with_names="on", submission=UUID(int=seed))
            head, *rows = rows_of(client.get(answer.url))
            return [row[head.index("patient")] for row in rows]

        found = [order(seed) for seed in (1, 1, 2, 3)]

        assert all(sorted(each) == sorted(made) for each in found)
        assert found[0] == found[1]
        assert len({tuple(each) for each in found}) > 1

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "\x00"])
    def test_without_a_reason_nothing_is_taken(self, client, reason):
        sign_in(client, Role.ADMIN)

        assert self.send(client, reason=reason).status_code == 422
        assert not TakeAway.objects.exists()

    def test_sent_twice_it_is_taken_once(self, client):
        sign_in(client, Role.ADMIN)
        again = uuid4()

        first, second = (self.send(client, submission=again) for _each in range(2))

        assert first.url == second.url
        assert TakeAway.objects.count() == 1
        assert AuditEvent.objects.filter(action="take_courses").count() == 1

    def test_nobody_else_fetches_it_and_nobody_later(self, client, monkeypatch):
        sign_in(client, Role.ADMIN)
        url = self.send(client).url
        assert client.get(url).status_code == 200

        sign_in(client, Role.ADMIN)
        assert client.get(url).status_code == 404

        client.force_login(TakeAway.objects.get().by)
        later = NOW + timedelta(minutes=61)
        monkeypatch.setattr(timezone, "now", lambda: later)
        assert client.get(url).status_code in (302, 404)


@pytest.mark.django_db
@pytest.mark.usefixtures("first_of_june")
class TestExplorerPage:
    def test_too_few_are_not_compared(self, client):
        admin = sign_in(client, Role.ADMIN)
        treated(admin, 8, 4)

        page = client.get(f"/outcomes/explorer/{ALL}").content.decode()

        assert "Too few to compare" in page

    def test_it_counts_its_comparisons(self, client, monkeypatch):
        sign_in(client, Role.ADMIN)
        monkeypatch.setattr(views, "treated_of", lambda *_all: caseload(1))

        page = client.get(f"/outcomes/explorer/{ALL}").content.decode()

        assert "5 comparisons among" in page
        assert "Nothing stands out" in page
        assert "electroacupuncture" in page
