from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.access.decorators import requires
from clinic.access.roles import Permission
from clinic.audit.services import record_opening
from patients.records.models import Episode
from plans.progress.presenters import reviews
from plans.progress.presenters.course import present
from plans.progress.queries import series_of


@requires(Permission.VIEW_CLINICAL)
@require_safe
def progress(request, episode_id):
    """How an episode goes: in words, as a chart, in numbers, and what is due."""
    episode = get_object_or_404(
        Episode.objects.select_related("patient", "plan"), pk=episode_id
    )
    patient, now = episode.patient, timezone.now()
    record_opening(by=request.user, patient=patient)
    series = series_of(episode, now)
    return render(
        request,
        "plans/progress/progress.html",
        {
            "episode": episode,
            "patient": patient,
            "progress": present(series),
            "reviews": reviews.present_reviews(series, timezone.localdate(now)),
            "sources": reviews.band_sources(),
            "has_begun": series.begins is not None,
        },
    )
