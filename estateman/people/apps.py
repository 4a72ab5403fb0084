from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "estateman.people"
    label = "people"
    verbose_name = "People"

    def ready(self) -> None:
        from estateman.people import rooms, sessions

        rooms.register()
        sessions.watch_page_logouts()
