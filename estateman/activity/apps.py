from django.apps import AppConfig


class ActivityConfig(AppConfig):
    name = "estateman.activity"
    label = "activity"
    verbose_name = "Activity"

    def ready(self) -> None:
        from estateman.activity import jobs, services

        services.wake_with(jobs.wake)
