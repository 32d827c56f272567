from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import post_migrate, pre_migrate

from clinic.rules.files import RuleFileError


class PlansConfig(AppConfig):
    name = "plans"

    def ready(self) -> None:
        from plans.outcomes.services import marks

        pre_migrate.connect(marks.loosen_before_migrations, sender=self)
        post_migrate.connect(marks.stand_after_migrations, sender=self)
        register(marks.check_all_stand, Tags.database)
        self.check_policy()

    def check_policy(self) -> None:
        """A clinic's own policy that goes too far stops the start, and says where."""
        from plans.planning.queries import rule_book

        if settings.POLICY_FILE is None:
            return
        try:
            rule_book()
        except (OSError, RuleFileError) as problem:
            raise ImproperlyConfigured(f"POLICY_FILE: {problem}") from problem
