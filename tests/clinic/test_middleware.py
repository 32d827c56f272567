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
