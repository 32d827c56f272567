
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0001_initial'),
        ('plans', '0002_alternation_goal_and_stricta'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StatusChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField(help_text="The appointment's, by this step.")),
                ('status', models.CharField(choices=[('booked', 'Booked'), ('confirmed', 'Confirmed'), ('arrived', 'Arrived'), ('in_bed', 'In bed'), ('needles_out', 'Needles out'), ('done', 'Done'), ('no_show', 'No-show'), ('late_cancel', 'Late cancel'), ('cancelled', 'Cancelled')], max_length=11)),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ['appointment', 'revision'],
            },
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('cancelled', 'late_cancel')), models.Q(('cancel_reason', ''), _negated=True)), models.Q(models.Q(('status__in', ('cancelled', 'late_cancel')), _negated=True), ('cancel_reason', '')), _connector='OR'), name='appointment_is_cancelled_for_a_reason'),
        ),
        migrations.AddField(
            model_name='statuschange',
            name='appointment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='status_changes', to='plans.appointment'),
        ),
        migrations.AddField(
            model_name='statuschange',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='statuschange',
            constraint=models.UniqueConstraint(fields=('appointment', 'revision'), name='appointment_takes_one_step_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='statuschange',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['arrived', 'booked', 'cancelled', 'confirmed', 'done', 'in_bed', 'late_cancel', 'needles_out', 'no_show'])), name='status_change_is_a_known_word'),
        ),
    ]
