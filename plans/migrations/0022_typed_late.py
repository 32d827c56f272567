from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("plans", "0021_combinations")]

    operations = [
        # Worked out anew for all: what a row counts was raised with it.
        migrations.AddField(
            model_name="courseoutcome",
            name="typed_late",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Of those, from paper."
            ),
            preserve_default=False,
        )
    ]
