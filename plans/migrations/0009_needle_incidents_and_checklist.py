from django.conf import settings
from django.db import migrations, models


def say_that_nobody_was_asked(apps, schema_editor):
    """Sessions signed before there was a checklist did not confirm one."""
    Session = apps.get_model("plans", "Session")
    Session.objects.filter(status="signed").update(checklist="unasked")


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0002_reminders_by_email'),
        ('plans', '0008_flare_ups'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='session',
            name='signed_session_is_complete',
        ),
        migrations.AddField(
            model_name='session',
            name='checklist',
            field=models.CharField(blank=True, help_text='The version that was confirmed by signing.', max_length=10, verbose_name='aseptic checklist'),
        ),
        migrations.AddField(
            model_name='session',
            name='exceptions',
            field=models.JSONField(default=dict, help_text='Where the checklist was not kept, by its items.'),
        ),
        migrations.AddField(
            model_name='session',
            name='incident',
            field=models.TextField(blank=True, help_text='What became of needles that were not as many out as in.', max_length=1000, verbose_name='incident'),
        ),
        migrations.RunPython(say_that_nobody_was_asked, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signed_at', None), ('signed_by', None), ('status', 'draft')), models.Q(('needles_in__isnull', False), ('needles_out__isnull', False), ('signed_at__isnull', False), ('signed_by__isnull', False), ('status', 'signed'), models.Q(('checklist', ''), _negated=True)), _connector='OR'), name='signed_session_is_complete'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'draft'), ('needles_out', models.F('needles_in')), models.Q(('incident', ''), _negated=True), _connector='OR'), name='needles_differ_only_with_an_incident_note'),
        ),
    ]
