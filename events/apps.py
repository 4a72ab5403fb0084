from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        from events import reactions, rooms  # noqa: F401  registers what makes a link due

        rooms.register()
