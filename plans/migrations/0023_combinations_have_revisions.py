from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0022_typed_late")]

    operations = [
        migrations.AddField(
            model_name="combination",
            name="revision",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
