"""What more than one page of a plan shows."""

from django.utils import timezone

from patients.intake.queries import facts_of
from plans.planning.presenters import offers, prescription
from plans.planning.queries import rule_book


def page_of(version):
    """What both the plan's page and the draft's show of a version."""
    proposal = prescription.proposal_of(version)
    book = rule_book()
    facts = facts_of(version.intake, on=timezone.localdate())
    dropped = prescription.dropped(proposal, version)
    return {
        "version": version,
        "episode": version.plan.episode,
        "patient": version.plan.episode.patient,
        "proposal": proposal,
        "warnings": prescription.warnings(proposal, book),
        "reminders": prescription.reminders(proposal, book),
        "experience": prescription.experience(facts),
        "left_out": prescription.left_out(proposal, book),
        "dropped": dropped,
        "left_out_count": len(proposal.removed) + len(dropped),
        "dose_whys": prescription.dose_whys(proposal, book),
        "position_why": prescription.position_why(proposal, book),
        "goal_why": prescription.goal_why(proposal, book),
        "notes": prescription.notes(proposal, book),
        "picture": prescription.picture(version),
        **offers.beside(proposal, facts, book),
    }
