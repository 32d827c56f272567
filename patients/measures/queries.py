from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import BigIntegerField, Count, QuerySet

from clinic.core.prepared import Given, prepared
from patients.measures.models import Score, ScoreNote
from patients.records.models import Episode


def notes_on(scores: Iterable[Score]) -> Mapping[int, list[ScoreNote]]:
    """The words beside these scores, by the score's id. One query, or none."""
    found: dict[int, list[ScoreNote]] = defaultdict(list)
    numbers = [score.pk for score in scores]
    if numbers:
        notes = ScoreNote.objects.filter(score__in=numbers)
        for note in notes.select_related("written_by"):
            found[note.score_id].append(note)
    return found


def scores_of(episode: Episode) -> QuerySet[Score]:
    """As they stand, the newest first, with how many words stand beside each."""
    return (
        Score.objects.current()
        .filter(episode=episode)
        .select_related("entered_by", "corrects")
        .annotate(noted=Count("notes"))
        .order_by("-taken_at", "-pk")
    )


def for_reading() -> QuerySet[Score]:
    """One score with whom it is of, who entered it, what it corrects, and who has
    withdrawn it.
    """
    return Score.objects.select_related(
        *("episode__patient", "entered_by", "corrects__entered_by", "corrected_by"),
        "withdrawal__by",
    )


@prepared
def notes_in() -> QuerySet[ScoreNote]:
    """The words beside the scores of an episode, in the order of the scores."""
    return (
        ScoreNote.objects.filter(score__episode=Given("episode", BigIntegerField()))
        .select_related("score", "written_by")
        .order_by("score__taken_at", "written_at", "pk")
    )
