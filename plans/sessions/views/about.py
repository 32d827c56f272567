from patients.measures.queries import notes_on
from plans.sessions import presenters


def about(version):
    episode = version.plan.episode
    return {"patient": episode.patient, "episode": episode, "plan": version.plan}


def about_report(report):
    """What the patient told a tablet before this visit, if they did."""
    notes = notes_on(report.scores) if report else {}
    return {
        "report": report,
        "told_scores": presenters.told_scores(report, notes),
        "told_yeses": presenters.told_yeses(report),
    }
