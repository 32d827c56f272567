from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0025_sessions_that_stop")]

    operations = [
        migrations.AlterField(
            model_name="outcomemark",
            name="episode",
            field=models.BigIntegerField(db_index=True),
        ),
    ]
