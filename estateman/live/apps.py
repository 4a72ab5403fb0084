from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "estateman.live"
    label = "live"
