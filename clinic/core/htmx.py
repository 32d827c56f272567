from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def render_page_or_fragment(
    request: HttpRequest, page: str, fragment: str, context: dict, status: int = 200
) -> HttpResponse:
    """Render `fragment` for an htmx request, `page` otherwise.

    Both come from one address, so caches are told that the header matters.
    """
    template = fragment if request.headers.get("HX-Request") else page
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
