"""Gathers the models of this package; they live in the feature folders."""

from clinic.accounts.models import User
from clinic.audit.models import AuditEvent

__all__ = ["AuditEvent", "User"]
