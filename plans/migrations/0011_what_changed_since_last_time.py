import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('plans', '0010_drafts_say_who_saved_them'),
    ]

    operations = [
        migrations.AddField(
            model_name='session',
            name='compared_with',
            field=models.ForeignKey(help_text='What its changes count from; empty: the plan.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plans.session'),
        ),
        migrations.CreateModel(
            name='PointChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('added', 'added'), ('dropped', 'left out'), ('changed', 'changed')], max_length=7)),
                ('side', models.CharField(blank=True, choices=[('left', 'left'), ('right', 'right'), ('both', 'both sides'), ('midline', 'midline')], max_length=7)),
                ('depth_mm', models.PositiveSmallIntegerField(null=True)),
                ('technique', models.CharField(blank=True, choices=[('even', 'even reinforcing-reducing'), ('reinforcing', 'reinforcing'), ('reducing', 'reducing'), ('warm_needle', 'warm needle'), ('reinforcing_moxa', 'reinforcing, with moxa'), ('electro', 'electroacupuncture'), ('pricking', 'pricking to bleed'), ('cupping', 'cupping')], max_length=16)),
                ('order', models.PositiveSmallIntegerField()),
                ('reason', models.CharField(blank=True, choices=[('tender', 'tender today'), ('no_response', 'no response last time'), ('better', 'no longer needed'), ('wish', 'patient’s wish'), ('finding', 'new finding'), ('other', 'other')], help_text='Optional.', max_length=11, verbose_name='reason')),
                ('words', models.CharField(blank=True, max_length=200, verbose_name='in words')),
                ('acupoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plans.acupoint')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='plans.session')),
            ],
            options={
                'ordering': ['session', 'order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('session', 'acupoint'), name='acupoint_changed_once_per_session'), models.CheckConstraint(condition=models.Q(models.Q(('depth_mm', None), ('kind', 'added'), ('side', ''), ('technique', '')), models.Q(('depth_mm__isnull', False), ('kind__in', ['dropped', 'changed']), ('side__in', ['left', 'right', 'both', 'midline']), ('technique__in', ['even', 'reinforcing', 'reducing', 'warm_needle', 'reinforcing_moxa', 'electro', 'pricking', 'cupping'])), _connector='OR'), name='point_change_says_what_was_before'), models.CheckConstraint(condition=models.Q(models.Q(('reason', 'other'), models.Q(('words', ''), _negated=True)), models.Q(('reason__in', ['', 'tender', 'no_response', 'better', 'wish', 'finding']), ('words', '')), _connector='OR'), name='point_change_gives_words_where_no_reason_fits')],
            },
        ),
    ]
