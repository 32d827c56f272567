from itertools import groupby

from django.db import migrations

BATCH = 2_000


def tell_what_became_of_appointments(apps, schema_editor):
    """The booking from its row, the later steps from the audit that each one left."""
    Appointment = apps.get_model("plans", "Appointment")
    StatusChange = apps.get_model("plans", "StatusChange")
    AuditEvent = apps.get_model("clinic", "AuditEvent")
    booked = Appointment.objects.values_list("pk", "created_at", "created_by_id")
    StatusChange.objects.bulk_create(
        (
            StatusChange(
                appointment_id=pk, revision=0, status="booked", at=at, by_id=by
            )
            for pk, at, by in booked
        ),
        batch_size=BATCH,
    )
    known = {str(pk) for pk in booked.values_list("pk", flat=True)}
    events = AuditEvent.objects.filter(
        action="set_status", subject_type="appointment", by__isnull=False
    ).order_by("subject_id", "at", "pk")
    steps = []
    for subject, told in groupby(events, lambda event: event.subject_id):
        if subject not in known:
            continue
        steps += (
            StatusChange(
                appointment_id=int(subject),
                revision=number,
                status=event.details["now"],
                at=event.at,
                by_id=event.by_id,
            )
            for number, event in enumerate(told, start=1)
        )
    StatusChange.objects.bulk_create(steps, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0001_initial"),
        ("plans", "0003_status_changes"),
    ]

    operations = [
        migrations.RunPython(
            tell_what_became_of_appointments, migrations.RunPython.noop
        )
    ]
