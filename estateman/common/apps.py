from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "estateman.common"
    label = "common"

    def ready(self) -> None:
        from estateman.common.api import usage

        usage.start()
