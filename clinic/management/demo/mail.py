"""What the demo's patients have been told so far, by the clinic's own outbox."""

from datetime import datetime, timedelta
from itertools import repeat

from clinic.management.demo.trail import at_the_time
from plans.messages.models import Message
from plans.messages.policy import POLICY
from plans.messages.queries import upcoming
from plans.messages.services import send_what_is_due

STILL_DUE = timedelta(minutes=25)  # what became due since is left for the desk to send
LOOK_BACK = timedelta(days=3)


def send_so_far(now: datetime) -> None:
    """As if it had run all the time: whenever one of them became due."""
    owed = upcoming(now - LOOK_BACK, ahead=LOOK_BACK)
    moments = {row.leaves_at for row in owed} | {
        visit.starts_at - window.opens
        for row in owed
        for visit in row.visits
        for window in POLICY.reminders.values()
    }
    for moment in sorted(moments):
        if moment <= now - STILL_DUE:
            with at_the_time(moment):
                send_what_is_due(by=None, clock=repeat(moment).__next__)
    _two_go_wrong()


def _two_go_wrong() -> None:
    """An address that does not exist, and a line that broke off."""
    newest = list(Message.objects.filter(state="sent").order_by("-settled_at")[2:9:5])
    for message, state, why in zip(
        newest,
        ("failed", "unsure"),
        ("SMTPRecipientsRefused 550", "TimeoutError"),
        strict=False,
    ):
        Message.objects.filter(pk=message.pk).update(state=state, why=why)
