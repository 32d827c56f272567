"""Small middleware that every response passes."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

GetResponse = Callable[[HttpRequest], HttpResponse]


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Send `SECURE_CSP`; Django 6's own middleware reads the same setting."""
    header = "; ".join(f"{name} {value}" for name, value in settings.SECURE_CSP.items())

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Content-Security-Policy"] = header
        return response

    return middleware


def leave_no_copy(get_response: GetResponse) -> GetResponse:
    """Keep pages out of every cache: a desk is shared, and Back outlives a sign-out."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Cache-Control"] = "no-store, private"
        return response

    return middleware


def explain_wrong_method(get_response: GetResponse) -> GetResponse:
    """Put a page with a way on where Django sends an empty 405.

    Somebody gets there by loading the address of a form once more.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.content:
            return response
        page = render(request, "405.html", status=response.status_code)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    return middleware


def count_queries(get_response: GetResponse) -> GetResponse:
    """Say in `X-Query-Count` how many statements the database saw for this request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        seen = 0

        def count(execute, sql, params, many, context):
            nonlocal seen
            seen += 1
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            response = get_response(request)
        response.headers["X-Query-Count"] = str(seen)
        return response

    return middleware
