"""Gathers the models of this package; they live in the feature folders."""

from patients.intake.models import Clearance, Intake
from patients.measures.models import Score, ScoreNote, Withdrawal
from patients.records.models import Episode, Patient, SearchTerm

__all__ = [
    "Clearance",
    "Episode",
    "Intake",
    "Patient",
    "Score",
    "ScoreNote",
    "SearchTerm",
    "Withdrawal",
]
