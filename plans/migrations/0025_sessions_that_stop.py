
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0004_withdrawn_scores'),
        ('plans', '0024_combinations_have_revisions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='appointment',
            name='appointment_status_is_a_known_word',
        ),
        migrations.RemoveConstraint(
            model_name='session',
            name='signed_session_is_complete',
        ),
        migrations.RemoveConstraint(
            model_name='session',
            name='needles_differ_only_with_an_incident_note',
        ),
        migrations.RemoveConstraint(
            model_name='statuschange',
            name='status_change_is_a_known_word',
        ),
        migrations.AddField(
            model_name='session',
            name='stopped_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='session',
            name='stopped_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='session',
            name='stopped_for',
            field=models.CharField(blank=True, help_text='The red flags that ended it.', max_length=100),
        ),
        migrations.AlterField(
            model_name='appointment',
            name='status',
            field=models.CharField(choices=[('booked', 'Booked'), ('confirmed', 'Confirmed'), ('arrived', 'Arrived'), ('in_bed', 'In bed'), ('needles_in', 'Needles in'), ('needles_out', 'Needles out'), ('done', 'Done'), ('untreated', 'Not treated'), ('no_show', 'No-show'), ('late_cancel', 'Late cancel'), ('cancelled', 'Cancelled')], default='booked', max_length=11),
        ),
        migrations.AlterField(
            model_name='session',
            name='status',
            field=models.CharField(choices=[('draft', 'Draft'), ('signed', 'Signed'), ('stopped', 'Stopped before needling'), ('error', 'Entered in error')], default='draft', max_length=7),
        ),
        migrations.AlterField(
            model_name='statuschange',
            name='status',
            field=models.CharField(choices=[('booked', 'Booked'), ('confirmed', 'Confirmed'), ('arrived', 'Arrived'), ('in_bed', 'In bed'), ('needles_in', 'Needles in'), ('needles_out', 'Needles out'), ('done', 'Done'), ('untreated', 'Not treated'), ('no_show', 'No-show'), ('late_cancel', 'Late cancel'), ('cancelled', 'Cancelled')], max_length=11),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['arrived', 'booked', 'cancelled', 'confirmed', 'done', 'held', 'in_bed', 'late_cancel', 'needles_in', 'needles_out', 'no_show', 'untreated'])), name='appointment_status_is_a_known_word'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signed_at', None), ('signed_by', None), ('status', 'draft')), models.Q(('needles_in__isnull', False), ('needles_out__isnull', False), ('signed_at__isnull', False), ('signed_by__isnull', False), ('status', 'signed'), models.Q(('checklist', ''), _negated=True)), models.Q(('signed_at', None), ('signed_by', None), ('status', 'stopped')), ('status', 'error'), _connector='OR'), name='signed_session_is_complete'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('needles_in', None), ('needles_in', 0), _connector='OR'), models.Q(('needles_out', None), ('needles_out', 0), _connector='OR'), ('status', 'stopped'), ('stopped_at__isnull', False), ('stopped_by__isnull', False), models.Q(('stopped_for', ''), _negated=True)), models.Q(('status__in', ['draft', 'signed']), ('stopped_at', None), ('stopped_by', None), ('stopped_for', '')), ('status', 'error'), _connector='OR'), name='stopped_session_says_by_whom_and_why'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'stopped', 'error']), ('needles_out', models.F('needles_in')), models.Q(('incident', ''), _negated=True), _connector='OR'), name='needles_differ_only_with_an_incident_note'),
        ),
        migrations.AddConstraint(
            model_name='statuschange',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['arrived', 'booked', 'cancelled', 'confirmed', 'done', 'in_bed', 'late_cancel', 'needles_in', 'needles_out', 'no_show', 'untreated'])), name='status_change_is_a_known_word'),
        ),
    ]
