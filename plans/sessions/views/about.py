from patients.measures.queries import notes_on
from plans.sessions import presenters
from plans.sessions.forms import SessionForm, as_sent
from plans.sessions.presenters import texts
from plans.sessions.queries import bare_ground, entry_of

# Fields that only help to fill in others.
HELPERS = {"words", "none_of_these", "unclear"}


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


def signed_parts(session):
    """What of a session can be corrected: the label of each part, and what it says."""
    entry = entry_of(session)
    sent = as_sent(entry, session.revision)
    form = SessionForm(sent, entry=entry, ground=bare_ground(), revision=0)
    parts = texts.parts(form)
    return {part: said for part, said in parts.items() if part not in HELPERS}
