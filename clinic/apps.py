from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate, pre_migrate

from clinic.core import fixed


class ClinicConfig(AppConfig):
    name = "clinic"

    def ready(self) -> None:
        pre_migrate.connect(fixed.loosen_before_migrations, sender=self)
        post_migrate.connect(fixed.fix_after_migrations, sender=self)
        register(fixed.check_all_stand, Tags.database)
