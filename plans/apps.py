from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from clinic.rules.files import RuleFileError


class PlansConfig(AppConfig):
    name = "plans"

    def ready(self) -> None:
        """A clinic's own policy that goes too far stops the start, and says where."""
        from plans.planning.queries import rule_book

        if settings.POLICY_FILE is None:
            return
        try:
            rule_book()
        except (OSError, RuleFileError) as problem:
            raise ImproperlyConfigured(f"POLICY_FILE: {problem}") from problem
