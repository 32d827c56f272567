from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from plans.messages.services import NoMailServer, can_send, send_what_is_due


class Command(BaseCommand):
    help = "Send the messages to patients that are due. Run it every minute."

    def handle(self, *, verbosity, **options):
        """Says how many, never to whom; and nothing at all when there were none."""
        if not can_send():
            raise CommandError("Set EMAIL_URL (see README, 'Messages').")
        try:
            run = send_what_is_due(by=None, clock=timezone.now)
        except NoMailServer as error:
            raise CommandError(
                f"The mail server doesn't answer ({error}). The rest goes later."
            ) from error
        if run.sent or run.failed or run.dropped or verbosity > 1:
            self.stdout.write(
                f"{run.sent} sent, {run.failed} not sent, "
                f"{run.dropped} not needed any more."
            )
