from datetime import UTC, date, datetime

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.template import Context, RequestContext, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation

from clinic.core.course import STEPS, State, course_steps
from clinic.core.messages import undo
from clinic.core.paging import page_of
from clinic.core.shapes import SHAPES
from clinic.templatetags import clinic_ui
from patients.intake.models import Intake
from plans.planning.models import PlanVersion
from plans.scheduling.models import Appointment
from plans.sessions.models import Session


def draw(source, **context):
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    "source",
    [
        "{% icon 'no-such-icon' %}",
        "{% notice title='x' tone='loud' %}{% endnotice %}",
        "{% pill 'x' tone='loud' %}",
        "{% pill 'x' shape='blob' %}",
        "{% status 'lost' 'Lost' %}",
        "{% chip 'BL40' side='top' %}",
    ],
)
def test_a_wrong_argument_is_refused(source):
    with pytest.raises(TemplateSyntaxError):
        draw(source)


@pytest.mark.parametrize(
    "source",
    [
        "{% notice title=text %}{{ text }}{% endnotice %}",
        "{% section title=text aside=text %}{{ text }}{% endsection %}",
        "{% section title=text more=text more_url=text %}{% endsection %}",
        "{% page_head title=text lede=text %}{{ text }}{% endpage_head %}",
        "{% nothing title=text %}{{ text }}{% endnothing %}",
        "{% table_scroll label=text %}{{ text }}{% endtable_scroll %}",
        "{% chip text hanzi=text pinyin=text url=text %}",
        "{% pill text %}{% fact text text %}",
    ],
)
def test_what_people_typed_stays_text(source):
    page = draw(source, text="<b>\"'")

    assert "<b>" not in page
    assert "&lt;b&gt;" in page


def test_only_danger_interrupts_a_screen_reader():
    loud = draw("{% notice title='Refer' tone='danger' %}now{% endnotice %}")
    quiet = draw("{% notice title='Refer' tone='warning' %}soon{% endnotice %}")

    assert 'role="alert"' in loud
    assert "role=" not in quiet


@pytest.mark.parametrize(
    "choices",
    [Appointment.Status, PlanVersion.Status, Session.Status, Intake.Screen],
    ids=lambda choices: choices.__qualname__,
)
def test_every_stored_state_has_a_shape_of_its_own(choices):
    pills = {draw("{% status state '' %}", state=state.value) for state in choices}

    assert len(pills) == len(choices)


def test_every_shape_is_drawn():
    for shape in SHAPES:
        page = draw("{% pill 'x' shape=shape %}", shape=shape)
        assert "<path" in page or "<circle" in page, shape


def test_a_chip_says_its_side_in_words():
    page = draw("{% chip 'BL40' hanzi='委中' pinyin='wěizhōng' side='left' %}")

    assert ">L<" in page
    assert ">left<" in page
    assert '<span lang="zh">委中</span>' in page


def test_a_midline_point_has_no_side():
    assert "chip__side" not in draw("{% chip 'GV4' side='midline' %}")


def test_an_empty_page_head_has_no_place_for_actions():
    assert "actions" not in draw("{% page_head title='Staff' %}  {% endpage_head %}")


def test_a_fact_without_value_says_so():
    assert "Not recorded" in draw("{% fact 'Phone' '' %}")
    assert "Not recorded" not in draw("{% fact 'Sessions' 0 %}")


@pytest.mark.parametrize("here", STEPS)
def test_the_course_line_marks_where_a_course_stands(here):
    steps = course_steps(here)

    page = draw("{% course_line steps %}", steps=steps)

    assert [step.key for step in steps if step.state == State.HERE] == [here]
    assert page.count('aria-current="step"') == 1
    assert page.count("course__step--done") == STEPS.index(here)


def test_a_stopped_course_says_so():
    page = draw("{% course_line steps %}", steps=course_steps("screen", stopped=True))

    assert "stopped here" in page
    assert "course__step--here" not in page


@pytest.mark.parametrize(
    "wrong", [{"here": "door"}, {"here": "plan", "notes": {"door": "open"}}]
)
def test_the_course_line_refuses_a_step_it_has_not(wrong):
    with pytest.raises(ValueError, match="door"):
        course_steps(**wrong)


def draw_pager(page, query=""):
    request = RequestFactory().get(f"/patients/{query}")
    return Template("{% pager page %}").render(RequestContext(request, {"page": page}))


def test_the_pager_keeps_the_rest_of_the_address():
    middle = Paginator(range(95), 20).page(2)

    page = draw_pager(middle, "?q=reyes&page=2")

    assert "Page 2 of 5 (21–40 of 95)" in page
    assert 'href="?q=reyes&amp;page=1"' in page
    assert 'href="?q=reyes&amp;page=3"' in page


def test_the_pager_of_an_uncounted_list():
    last = page_of(range(25), "2", size=20)

    page = draw_pager(last)

    assert "Page 2" in page
    assert 'rel="prev"' in page
    assert 'rel="next"' not in page


def test_one_page_needs_no_pager():
    only = Paginator(range(5), 20).page(1)

    assert draw_pager(only).strip() == ""


def test_a_message_offers_to_undo():
    said = Message(constants.SUCCESS, "Cancelled.", extra_tags=undo("/back/7/"))
    broken = Message(constants.ERROR, "Not saved.")

    page = draw('{% include "components/messages.html" %}', messages=[said, broken])

    assert 'action="/back/7/"' in page
    assert page.count("Undo") == 1
    assert "tone-success" in page
    assert "tone-danger" in page


@pytest.mark.parametrize(("language", "words"), [("en", "Left"), ("zh-hans", "左")])
def test_a_text_of_a_data_file_follows_the_language(language, words):
    text = {"en": "Left", "zh-hans": "左"}

    with translation.override(language):
        assert draw("{{ text|in_language }}", text=text) == words


@pytest.mark.parametrize(
    ("born", "years"),
    [
        (date(1980, 3, 2), 46),
        (date(1980, 3, 3), 45),
        (date(2024, 2, 29), 2),
        (date(2026, 3, 2), 0),
    ],
)
def test_age_changes_on_the_birthday(monkeypatch, born, years):
    monkeypatch.setattr(clinic_ui.timezone, "localdate", lambda: date(2026, 3, 2))

    assert draw("{{ born|age }}", born=born) == str(years)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Mon 30 Mar 2026 00:30"), ("zh-hans", "2026年3月30日 星期一 00:30")],
)
def test_a_moment_is_told_by_the_clinics_clock(settings, language, words):
    settings.TIME_ZONE = "Europe/London"
    moment = datetime(2026, 3, 29, 23, 30, tzinfo=UTC)

    with translation.override(language):
        page = draw("{{ moment|day_and_clock }}", moment=moment)

    assert page == f'<time datetime="2026-03-30T00:30+01:00">{words}</time>'
    assert ">00:30<" in draw("{{ moment|clock }}", moment=moment)
    assert 'datetime="2026-03-30"' in draw("{{ moment|day }}", moment=moment)


def test_no_time_prints_nothing():
    assert (
        draw("{{ none|day }}{{ none|clock }}{{ none|day_and_clock }}", none=None) == ""
    )
