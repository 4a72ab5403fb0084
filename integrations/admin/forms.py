"""The admin's form for one provider's integration: a field for each setting, a blank one for each secret."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from integrations import services
from integrations.models import Integration, Mode, Status
from integrations.registry import Provider
from integrations.schema import Credential, Setting, settings_of

CONFIG, CREDENTIAL = "config_", "credential_"
_ABBREVIATED = {"api", "id", "sid", "url"}


def form_for(provider: Provider, integration: Integration | None) -> type["IntegrationForm"]:
    """The form class for a new integration of ``provider``, or for the one given."""
    modes = [(mode.value, mode.label) for mode in Mode if mode in provider.modes]
    fields: dict[str, Any] = {
        "provider_found": provider,
        "mode": forms.ChoiceField(choices=modes, widget=UnfoldAdminSelectWidget()),
    }
    for setting in settings_of(provider.config):
        fields[CONFIG + setting.name] = _setting_field(setting, integration)
    hints = integration.credentials_hint if integration else {}
    for credential in provider.credentials:
        fields[CREDENTIAL + credential.name] = _credential_field(credential, hints)
    return type("IntegrationForm", (IntegrationForm,), fields)


def _label(name: str) -> str:
    """``api_url`` as people write it: API URL."""
    words = name.capitalize().split("_")
    return " ".join(word.upper() if word.lower() in _ABBREVIATED else word for word in words)


def _setting_field(setting: Setting, integration: Integration | None) -> forms.Field:
    kept = integration.config.get(setting.name) if integration else None
    shared: dict[str, Any] = {
        "label": _label(setting.name),
        "help_text": setting.about,
        "required": setting.required,
        "initial": setting.default if kept is None else kept,
    }
    if setting.choices:
        choices = [(word, word) for word in setting.choices]
        return forms.ChoiceField(choices=choices, widget=UnfoldAdminSelectWidget(), **shared)
    if setting.type is bool:
        return forms.BooleanField(widget=UnfoldBooleanSwitchWidget(), **{**shared, "required": False})
    if setting.type is int:
        return forms.IntegerField(
            min_value=setting.least,
            max_value=setting.most,
            widget=UnfoldAdminIntegerFieldWidget(),
            **shared,
        )
    return forms.CharField(widget=UnfoldAdminTextInputWidget(), **shared)


def _credential_field(credential: Credential, hints: dict[str, str]) -> forms.Field:
    kept = hints.get(credential.name)
    return forms.CharField(
        label=_label(credential.name),
        help_text=f"Set: {kept}. Leave it blank to keep it." if kept else credential.about,
        required=credential.required and not kept,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )


class IntegrationForm(forms.ModelForm[Integration]):
    """What all providers share. It checks through the services and leaves the saving to them."""

    provider_found: Provider
    enabled = forms.BooleanField(required=False, initial=True, widget=UnfoldBooleanSwitchWidget())

    class Meta:
        model = Integration
        fields = ("name", "mode", "priority", "calls_per_minute")
        widgets = {
            "name": UnfoldAdminTextInputWidget(),
            "priority": UnfoldAdminIntegerFieldWidget(),
            "calls_per_minute": UnfoldAdminIntegerFieldWidget(),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["enabled"] = self.instance.status != Status.DISABLED

    @property
    def config(self) -> dict[str, Any]:
        """The settings as entered; what was left blank is left to the provider."""
        entered = {setting.name: setting for setting in settings_of(self.provider_found.config)}
        values = {name: self.cleaned_data.get(CONFIG + name) for name in entered}
        return {name: value for name, value in values.items() if value not in (None, "")}

    @property
    def credentials(self) -> dict[str, str]:
        """The credentials that were entered."""
        names = [credential.name for credential in self.provider_found.credentials]
        return {name: value for name in names if (value := self.cleaned_data.get(CREDENTIAL + name))}

    @property
    def changes(self) -> dict[str, Any]:
        """What is to be changed of an integration that exists."""
        blank = {name: None for name in self.instance.config if name not in self.config}
        changes = {name: self.cleaned_data[name] for name in ("name", "mode", "priority", "calls_per_minute")}
        changes["config"] = {**blank, **self.config}
        if "enabled" in self.changed_data:
            changes["status"] = Status.ACTIVE if self.cleaned_data["enabled"] else Status.DISABLED
        return changes

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = Integration.objects.existing().exclude(pk=self.instance.pk)
        if others.filter(name__iexact=name).exists():
            raise ValidationError(f"There is an integration called {name} already.")
        return name

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self._check()
            except ValidationError as error:
                self._show(error)
        return values

    def _check(self) -> None:
        if self.instance.pk:
            kept = Integration.objects.get(pk=self.instance.pk)
            services.checked_changes(kept, self.changes, self.credentials)
        else:
            mode = self.cleaned_data["mode"]
            services.validate(self.provider_found, mode=mode, config=self.config, credentials=self.credentials)

    def _show(self, error: ValidationError) -> None:
        for name, messages in error.message_dict.items():
            field = name.replace("config.", CONFIG).replace("credentials.", CREDENTIAL)
            self.add_error(field if field in self.fields else None, messages)
