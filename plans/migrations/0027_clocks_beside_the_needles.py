
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('plans', '0026_marks_by_episode'),
    ]

    operations = [
        migrations.CreateModel(
            name='BedClock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('needles_since', models.DateTimeField()),
                ('kind', models.CharField(max_length=7)),
                ('began_at', models.DateTimeField()),
                ('minutes', models.PositiveSmallIntegerField(help_text='Empty: nobody said how long.', null=True)),
                ('more', models.PositiveSmallIntegerField(default=0, help_text='Minutes that were added while it ran.')),
                ('ended_at', models.DateTimeField(null=True)),
                ('appointment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bed_clocks', to='plans.appointment')),
            ],
            options={
                'ordering': ['appointment', 'needles_since', 'kind'],
                'constraints': [models.UniqueConstraint(fields=('appointment', 'needles_since', 'kind'), name='bed_has_one_clock_of_a_kind'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('kind', 'needles'), ('minutes', None), ('began_at', models.F('needles_since'))), models.Q(('kind__in', ['electro', 'moxa', 'cupping']), models.Q(('minutes', None), ('minutes__range', (1, 90)), _connector='OR')), _connector='OR'), name='bed_clock_is_of_a_known_kind'), models.CheckConstraint(condition=models.Q(('more__range', (0, 60))), name='bed_clock_is_made_longer_in_bounds'), models.CheckConstraint(condition=models.Q(('began_at__gte', models.F('needles_since')), models.Q(('ended_at', None), ('ended_at__gte', models.F('began_at')), _connector='OR')), name='bed_clock_ends_after_it_began')],
            },
        ),
    ]
