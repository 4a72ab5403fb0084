from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "estateman.office"
    label = "office"
