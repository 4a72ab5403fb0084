from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        from integrations import reactions, rooms  # noqa: F401  registers who is told of what

        rooms.register()
