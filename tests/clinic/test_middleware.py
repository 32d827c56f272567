import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory

from clinic.access.roles import Role
from clinic.core.middleware import count_queries
from tests.factories import sign_in


@pytest.mark.django_db
@pytest.mark.parametrize("statements", [0, 3])
def test_a_bench_says_how_many_statements_the_database_saw(statements):
    def view(request):
        with connection.cursor() as cursor:
            for _ in range(statements):
                cursor.execute("SELECT 1")
        return HttpResponse()

    response = count_queries(view)(RequestFactory().get("/"))

    assert response.headers["X-Query-Count"] == str(statements)


@pytest.mark.django_db
def test_no_page_lets_anything_in_from_elsewhere(client):
    sign_in(client, Role.ADMIN)

    for address in ("/", "/account/sign-in/", "/nowhere/"):
        policy = client.get(address).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy


@pytest.mark.django_db
def test_no_page_is_kept_by_a_cache(client):
    signed_out = client.get("/account/sign-in/")
    sign_in(client, Role.ACUPUNCTURIST)

    for page in (signed_out, *map(client.get, ("/", "/patients/", "/nowhere/"))):
        assert page.headers["Cache-Control"] == "no-store, private"


@pytest.mark.django_db
def test_a_form_address_opened_as_a_page_leads_on(client):
    sign_in(client, Role.ACUPUNCTURIST)

    page = client.get("/plans/1/revise/")

    assert page.status_code == 405
    assert page.headers["Allow"] == "POST"
    assert "This address only takes a form" in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("came_from", "next_page"),
    [
        ("http://testserver/plans/7/?a=1", "/plans/7/%3Fa%3D1"),
        ("http://evil.example/plans/7/", "/plans/7/revise/"),
        ("", "/plans/7/revise/"),
    ],
    ids=["our page", "a strange page", "not told"],
)
def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(
    client, came_from, next_page
):
    sent = client.post("/plans/7/revise/", headers={"Referer": came_from})

    assert sent.url == f"/account/sign-in/?next={next_page}"
    assert "what you sent was not saved" in client.get(sent.url).content.decode()


@pytest.mark.django_db
def test_a_page_opened_without_a_session_tells_of_no_loss(client):
    sent = client.get("/plans/7/")

    assert "was not saved" not in client.get(sent.url).content.decode()


@pytest.mark.django_db
def test_a_page_may_ask_who_would_be_sending_its_form(client):
    assert client.get("/account/still-here/").status_code == 302

    user = sign_in(client, Role.FRONT_DESK)

    assert client.get("/account/still-here/").json()["user"] == user.pk


def test_a_strange_host_is_refused_without_a_traceback(client, caplog):
    page = client.get("/", headers={"host": "evil.example"})

    assert page.status_code == 400
    assert not [record for record in caplog.records if record.exc_info]
