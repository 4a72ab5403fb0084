"""The job queue. A message is a nudge without payload: the work itself stands in a row (see docs/architecture.md)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "estateman.settings")

app = Celery("estateman")
app.config_from_object("django.conf:settings", namespace="CELERY")
# "task" always means the staff's task here; what a worker runs is a job.
app.autodiscover_tasks(related_name="jobs")
