"""The form in which a rule of automation is written: its fields are named by their place in the rule."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from tasks.automation import ACTIONS, FIELDS, TRIGGERS, Kind
from tasks.automation.reading import MOST_ACTIONS, MOST_CONDITIONS
from tasks.automation.values import Value
from tasks.automation.vocabulary import IS_ANY_OF, ActionWord, Field
from tasks.models import AutomationRule, Project
from tasks.rule_words import Names, operator_words, spoken

_LONG_TEXT = 300
# How null is chosen, and what it is read as: a field that was left alone is None.
_NONE, _NULL = "none", object()
_YES_NO = {"yes": True, "no": False}
# The parts of a rule that have rows, and what opens a row of each.
_PARTS = {"conditions": "field", "actions": "action"}
# On what a choice changes what else is asked for.
_REDRAWS = {"data-redraws": True}
_MOST = {"conditions": MOST_CONDITIONS, "actions": MOST_ACTIONS}


class RuleForm(forms.Form):
    """A trigger, rows of conditions, rows of actions, and of each an empty one to go on with.

    What a row asks for hangs on what was chosen in it: choosing what ``data-redraws`` has it drawn anew.
    A row without a choice falls away. Whether a rule makes sense the services say: ``blame`` takes what they object to.
    """

    name = forms.CharField(max_length=120)
    trigger = forms.ChoiceField(label="When", choices=[(name, spoken(name)) for name in TRIGGERS])
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, project: Project, **kwargs: Any) -> None:
        super().__init__(_closed_up(data) if data is not None else None, **kwargs)
        self._given: Mapping[str, Any] = self.data if self.is_bound else self.initial
        self._names = Names(project)
        self.fields["trigger"].widget.attrs |= _REDRAWS
        trigger = TRIGGERS.get(str(self._given.get("trigger", "")))
        self.fields["trigger"].help_text = trigger.says if trigger else ""
        self._rows = {part: [self._row(part, at) for at in self._places(part)] for part in _PARTS}

    @property
    def conditions(self) -> list[list[forms.BoundField]]:
        return self._rows["conditions"]

    @property
    def actions(self) -> list[list[forms.BoundField]]:
        return self._rows["actions"]

    @property
    def written(self) -> dict[str, Any]:
        """What was filled in, as ``create_automation_rule`` takes it."""
        rows = {part: [dict(self._filled(row)) for row in rows] for part, rows in self._rows.items()}
        said = {name: self.cleaned_data[name] for name in ("name", "trigger")}
        return said | {part: [row for row in listed if row] for part, listed in rows.items()}

    def blame(self, mistake: ValidationError) -> None:
        """Tell each mistake beside the field whose place it names, or in front of them all."""
        for path, words in mistake.message_dict.items():
            opener = f"{path}.{_PARTS.get(path.partition('.')[0], '')}"
            self.add_error(next((name for name in (path, opener) if name in self.fields), NON_FIELD_ERRORS), words)

    def _places(self, part: str) -> Iterable[int]:
        filled = sum(name.startswith(f"{part}.") and name.endswith(f".{_PARTS[part]}") for name in self._given)
        return range(min(filled + 1, _MOST[part]))

    def _row(self, part: str, at: int) -> list[forms.BoundField]:
        """Its first field, and once that was chosen, what it asks for."""
        place, known = f"{part}.{at}.", _words(part)
        opener = forms.ChoiceField(
            label=_LABELS[part][at > 0],
            choices=[("", "—"), *((name, spoken(name)) for name in known)],
            required=False,
            widget=forms.Select(_REDRAWS),
        )
        fields: dict[str, forms.Field] = {_PARTS[part]: opener}
        if word := known.get(str(self._given.get(place + _PARTS[part], ""))):
            opener.help_text = word.says
            fields |= self._asked_of(word, str(self._given.get(f"{place}op", "")))
        self.fields |= {place + name: field for name, field in fields.items()}
        return [self[place + name] for name in fields]

    def _asked_of(self, word: Field | ActionWord, operator: str) -> dict[str, forms.Field]:
        if isinstance(word, ActionWord):
            return {name: self._field(value, spoken(name)) for name, value in word.takes.items()}
        how = forms.ChoiceField(
            choices=[(each, operator_words(each)) for each in word.operators],
            required=False,
            widget=forms.Select(_REDRAWS),
        )
        if word.value.kind == Kind.YES_NO:
            value: forms.Field = _choice({"yes": "yes", "no": "no"}, _YES_NO, {"required": False})
        else:
            value = self._field(word.value, "", is_list=operator == IS_ANY_OF)
        how.label, value.label = "How", "What"
        return {"op": how, "value": value}

    def _field(self, value: Value, label: str, *, is_list: bool = False) -> forms.Field:
        about: dict[str, Any] = {"label": label, "help_text": value.says, "required": False}
        match value.kind:
            case Kind.NUMBER:
                return forms.IntegerField(min_value=value.least, max_value=value.most, **about)
            case Kind.TEXT:
                text = forms.Textarea({"rows": 4}) if value.most > _LONG_TEXT else forms.TextInput()
                return forms.CharField(max_length=value.most, widget=text, **about)
            case Kind.YES_NO:
                return _Tick(**about)
        known: dict[str, Any] = {str(pk): pk for pk in self._names.of(value.kind)}
        words = {str(pk): name for pk, name in self._names.of(value.kind).items()}
        known |= {each: each for each in value.choices}
        words |= {each: spoken(each) for each in value.choices}
        if is_list or value.is_list:
            widget = forms.CheckboxSelectMultiple()
            return forms.TypedMultipleChoiceField(choices=list(words.items()), coerce=known.get, widget=widget, **about)
        if value.may_be_none:
            known[_NONE], words[_NONE] = _NULL, "None"
        return _choice(words, known, about)

    def _filled(self, row: list[forms.BoundField]) -> Iterator[tuple[str, Any]]:
        if self.cleaned_data.get(row[0].name):
            for field in row:
                given = self.cleaned_data.get(field.name)
                if given not in (None, "", []):
                    yield field.name.rpartition(".")[2], None if given is _NULL else given


class _Tick(forms.BooleanField):
    """Ticked it says yes; else nothing."""

    def clean(self, value: Any) -> bool | None:
        return super().clean(value) or None


_LABELS = {"conditions": ("If", "And if"), "actions": ("Then", "And then")}


def _words(part: str) -> Mapping[str, Field | ActionWord]:
    return FIELDS if part == "conditions" else ACTIONS


def _choice(words: Mapping[str, str], known: Mapping[str, Any], about: dict[str, Any]) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(choices=[("", "—"), *words.items()], coerce=known.get, empty_value=None, **about)


def _closed_up(data: QueryDict) -> MultiValueDict[str, Any]:
    """What was sent, the rows without a choice taken out and the others numbered anew."""
    places = {
        f"{part}.{at}": f"{part}.{new}"
        for part, opener in _PARTS.items()
        for new, at in enumerate(at for at in range(_MOST[part] + 1) if data.get(f"{part}.{at}.{opener}"))
    }
    found: MultiValueDict[str, Any] = MultiValueDict()
    for name in data:
        place, _, key = name.rpartition(".")
        if not place:
            found.setlist(name, data.getlist(name))
        elif place in places:
            found.setlist(f"{places[place]}.{key}", data.getlist(name))
    return found


def initial_of(data: QueryDict) -> dict[str, Any]:
    """What was sent so far, for a form that is drawn anew without a word about what is missing yet."""
    closed = _closed_up(data)
    return {name: given if len(given) > 1 else given[0] for name in closed if (given := closed.getlist(name))}


def initial_for(rule: AutomationRule) -> dict[str, Any]:
    """The rule as its form begins."""
    rows = {"conditions": rule.conditions, "actions": rule.actions}
    places = {
        f"{part}.{at}.{name}": _said(value)
        for part, listed in rows.items()
        for at, row in enumerate(listed)
        for name, value in row.items()
    }
    return {"name": rule.name, "trigger": rule.trigger, "version": rule.version, **places}


def _said(value: Any) -> Any:
    match value:
        case None:
            return _NONE
        case bool():
            return "yes" if value else "no"
    return value
