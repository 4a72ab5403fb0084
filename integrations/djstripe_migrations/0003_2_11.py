"""Holds upstream's name; 0001 has created what it arrives at."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("djstripe", "0002_2_10")]
