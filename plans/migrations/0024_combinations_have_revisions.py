from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0023_numbers_before_words")]

    operations = [
        migrations.AddField(
            model_name="combination",
            name="revision",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
