import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('plans', '0016_a_row_for_each_course'),
    ]

    operations = [
        migrations.CreateModel(
            name='Stimulation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('electro', 'electro'), ('moxa', 'moxa'), ('cupping', 'cupping')], max_length=7)),
                ('form', models.CharField(max_length=14)),
                ('minutes', models.PositiveSmallIntegerField(null=True, verbose_name='minutes')),
                ('hz', models.DecimalField(decimal_places=1, max_digits=4, null=True)),
                ('hz_high', models.DecimalField(decimal_places=1, max_digits=4, null=True)),
                ('milliamps', models.DecimalField(decimal_places=1, max_digits=3, null=True)),
                ('felt', models.CharField(blank=True, choices=[('nothing', 'not felt'), ('just', 'just felt'), ('strong', 'strong, comfortable')], max_length=7, verbose_name='felt')),
                ('cones', models.PositiveSmallIntegerField(null=True, verbose_name='cones')),
                ('where', models.CharField(blank=True, max_length=100, verbose_name='where')),
            ],
            options={
                'ordering': ['session', 'kind'],
            },
        ),
        migrations.AddField(
            model_name='needling',
            name='pair',
            field=models.PositiveSmallIntegerField(help_text='Joined by a current with its like.', null=True, verbose_name='pair'),
        ),
        migrations.AddConstraint(
            model_name='needling',
            constraint=models.CheckConstraint(condition=models.Q(('pair', None), models.Q(('pair__range', (1, 4)), ('technique', 'electro')), _connector='OR'), name='needling_pair_has_a_current'),
        ),
        migrations.AddField(
            model_name='stimulation',
            name='session',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stimulations', to='plans.session'),
        ),
        migrations.AddConstraint(
            model_name='stimulation',
            constraint=models.UniqueConstraint(fields=('session', 'kind'), name='stimulation_once_per_session_and_kind'),
        ),
        migrations.AddConstraint(
            model_name='stimulation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cones', None), ('hz__gt', 0), ('hz__isnull', False), ('kind', 'electro'), ('where', ''), models.Q(('hz_high', None), ('hz_high__gt', models.F('hz')), _connector='OR')), models.Q(('felt', ''), ('hz', None), ('hz_high', None), ('kind', 'moxa'), ('milliamps', None), ('where', '')), models.Q(('cones', None), ('felt', ''), ('hz', None), ('hz_high', None), ('kind', 'cupping'), ('milliamps', None)), _connector='OR'), name='stimulation_has_what_its_kind_has'),
        ),
        migrations.AddConstraint(
            model_name='stimulation',
            constraint=models.CheckConstraint(condition=models.Q(('felt__in', ['', 'nothing', 'just', 'strong']), models.Q(('form', ''), _negated=True)), name='stimulation_words_are_known'),
        ),
    ]
