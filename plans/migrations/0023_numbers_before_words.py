import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import plans.outcomes.course


class Migration(migrations.Migration):
    """Only by making the table anew do its columns get another order."""

    dependencies = [
        ("plans", "0022_typed_late"),
        ("patients", "0004_withdrawn_scores"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.DeleteModel(name="CourseOutcome"),
        migrations.CreateModel(
            name='CourseOutcome',
            fields=[
                ('episode', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='patients.episode')),
                ('by', models.ForeignKey(help_text='Who took the first intake.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('intake_at', models.DateTimeField(help_text='Of the first intake.')),
                ('leg_base', models.FloatField(null=True)),
                ('leg_week_4', models.FloatField(null=True)),
                ('leg_last', models.FloatField(null=True)),
                ('back_base', models.FloatField(null=True)),
                ('back_week_4', models.FloatField(null=True)),
                ('disability_base', models.FloatField(null=True)),
                ('disability_week_4', models.FloatField(null=True)),
                ('begun_on', models.DateField(help_text='Day of the first session.', null=True)),
                ('ends_on', models.DateField(help_text='The planned weeks are over then.', null=True)),
                ('planned', models.PositiveSmallIntegerField(help_text='Sessions that the plan in force prescribes.', null=True)),
                ('held', models.PositiveSmallIntegerField()),
                ('scored', models.PositiveSmallIntegerField()),
                ('no_shows', models.PositiveSmallIntegerField()),
                ('late_cancels', models.PositiveSmallIntegerField()),
                ('signed_late', models.PositiveSmallIntegerField()),
                ('typed_late', models.PositiveSmallIntegerField(help_text='Of those, from paper.')),
                ('odd_times', models.PositiveSmallIntegerField()),
                ('corrected', models.PositiveSmallIntegerField()),
                ('again', models.BooleanField(help_text='Not the patient’s first episode here.')),
                ('age', models.CharField(choices=[(plans.outcomes.course.AgeBand['UNDER_40'], plans.outcomes.course.AgeBand['UNDER_40']), (plans.outcomes.course.AgeBand['TO_54'], plans.outcomes.course.AgeBand['TO_54']), (plans.outcomes.course.AgeBand['TO_69'], plans.outcomes.course.AgeBand['TO_69']), (plans.outcomes.course.AgeBand['FROM_70'], plans.outcomes.course.AgeBand['FROM_70'])], max_length=8)),
                ('sex', models.CharField(max_length=7)),
                ('duration', models.CharField(choices=[(plans.outcomes.course.DurationBand['UNDER_6_WEEKS'], plans.outcomes.course.DurationBand['UNDER_6_WEEKS']), (plans.outcomes.course.DurationBand['TO_12_WEEKS'], plans.outcomes.course.DurationBand['TO_12_WEEKS']), (plans.outcomes.course.DurationBand['TO_A_YEAR'], plans.outcomes.course.DurationBand['TO_A_YEAR']), (plans.outcomes.course.DurationBand['LONGER'], plans.outcomes.course.DurationBand['LONGER']), (plans.outcomes.course.DurationBand['UNKNOWN'], plans.outcomes.course.DurationBand['UNKNOWN'])], max_length=8)),
                ('stage', models.CharField(choices=[(plans.outcomes.course.Stage['STOPPED'], plans.outcomes.course.Stage['STOPPED']), (plans.outcomes.course.Stage['OPEN'], plans.outcomes.course.Stage['OPEN']), (plans.outcomes.course.Stage['CLEAR'], plans.outcomes.course.Stage['CLEAR']), (plans.outcomes.course.Stage['PLANNED'], plans.outcomes.course.Stage['PLANNED']), (plans.outcomes.course.Stage['BOOKED'], plans.outcomes.course.Stage['BOOKED']), (plans.outcomes.course.Stage['TREATED'], plans.outcomes.course.Stage['TREATED'])], max_length=8)),
                ('disability', models.CharField(help_text='A code of SCALES, or none.', max_length=12)),
                ('phase', models.CharField(help_text='At the first intake.', max_length=8)),
                ('patterns', models.CharField(help_text='Found at the first intake.', max_length=200)),
                ('techniques', models.CharField(help_text='Of the first session.', max_length=200)),
                ('points', models.TextField(help_text='Needled in the first session.')),
            ],
            options={
                'indexes': [models.Index(fields=['intake_at'], name='course_outcome_by_day')],
            },
        ),
        # Everybody's is worked out anew.
        migrations.RunSQL(
            "INSERT INTO plans_outcomemark (episode) SELECT id FROM patients_episode",
            migrations.RunSQL.noop,
        ),
    ]
