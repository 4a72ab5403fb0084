from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0002_doors'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='calendar',
            field=models.TextField(blank=True, default='', help_text="What the receiver's calendar program is told (iTIP), as text/calendar"),
        ),
    ]
