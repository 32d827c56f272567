"""Form controls written in Python instead of by Django's templates.

A page of the intake has three hundred of them; by templates they took two thirds of
its time.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

Widget = Mapping[str, Any]

FOLDER = "django/forms/widgets/"
INPUTS = (
    "color date datetime email hidden number password search tel text time url"
    " checkbox radio_option checkbox_option"
).split()


class Renderer(DjangoTemplates):
    """Draws the common controls as Django does; the others by Django's templates."""

    def render(self, template_name, context, request=None):
        draw = DRAWN.get(template_name)
        if draw is None or context["widget"].get("wrap_label"):
            return super().render(template_name, context, request)
        return draw(context["widget"])


def _input(widget: Widget) -> SafeString:
    value = widget["value"]
    said = "" if value is None else format_html(' value="{}"', value)
    return format_html(
        '<input type="{}" name="{}"{}{}>',
        widget["type"],
        widget["name"],
        said,
        _attributes(widget["attrs"]),
    )


def _select(widget: Widget) -> SafeString:
    return format_html(
        '<select name="{}"{}>{}</select>',
        widget["name"],
        _attributes(widget["attrs"]),
        mark_safe("".join(_groups(widget["optgroups"]))),  # nosec B308 B703
    )


def _groups(groups: Iterable[tuple]) -> Iterable[str]:
    for name, options, _index in groups:
        drawn = format_html_join("", '<option value="{}"{}>{}</option>', _rows(options))
        if name:
            drawn = format_html('<optgroup label="{}">{}</optgroup>', name, drawn)
        yield drawn


def _rows(options: Iterable[Widget]) -> Iterable[tuple]:
    for option in options:
        yield option["value"], _attributes(option["attrs"]), option["label"]


def _textarea(widget: Widget) -> SafeString:
    return format_html(
        '<textarea name="{}"{}>\n{}</textarea>',
        widget["name"],
        _attributes(widget["attrs"]),
        widget["value"] or "",
    )


def _attributes(attributes: Mapping[str, Any]) -> SafeString:
    """False leaves an attribute out, True gives its bare name."""
    return mark_safe(  # nosec B308 B703
        "".join(
            f" {name}" if value is True else f' {name}="{conditional_escape(value)}"'
            for name, value in attributes.items()
            if value is not False
        )
    )


DRAWN: Mapping[str, Callable[[Widget], SafeString]] = {
    **{f"{FOLDER}{name}.html": _input for name in INPUTS},
    f"{FOLDER}select.html": _select,
    f"{FOLDER}textarea.html": _textarea,
}
