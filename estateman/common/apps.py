from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "estateman.common"
    label = "common"
