"""Making, changing and removing templates: the office's leaders do, and only deals that come afterwards notice."""

from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from estateman.activity.services import announce
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import TemplateChanged
from tasks.blueprints import Blueprint
from tasks.models import ProjectTemplate
from tasks.permissions import can_edit_templates
from tasks.services.locking import read_anew, require
from tasks.services.refusals import KeyTaken, TemplateGone
from tasks.services.templates.reading import blueprint_of
from tasks.services.templates.writing import require_sound, write_parts

_PARTS = ("key_dates", "tasks", "dependencies")
_LONGEST_KEY = 50


@transaction.atomic
def create_template(plan: Blueprint, *, by: User) -> ProjectTemplate:
    """Keep ``plan`` as a template. Without a key it gets one made of its name.

    Raises KeyTaken, DependencyCycle with the keys of the circle, and ValidationError naming what does not hold
    together (``tasks.3.parent``).
    """
    require(can_edit_templates(by))
    require_sound(plan)
    key = plan.key or free_key(plan.name)
    try:
        with transaction.atomic():
            template = ProjectTemplate.objects.create(**_own(replace(plan, key=key)))
    except IntegrityError:
        raise KeyTaken(f"There is a template with the key {key} already.") from None
    write_parts(template, plan)
    announce_template(template, "created", by=by)
    return template


@transaction.atomic
def edit_template(
    template: ProjectTemplate, *, by: User, changes: dict[str, Any], version: int | None = None
) -> ProjectTemplate:
    """Make ``changes`` of a Blueprint's fields, save the key: each of key_dates, tasks and dependencies that is given
    replaces all there were.

    Deals that took the template keep what they have. Raises VersionConflict, TemplateGone, DependencyCycle,
    ValidationError.
    """
    require(can_edit_templates(by))
    lock_template(template)
    before = blueprint_of(template)
    after = replace(before, **changes)
    fresh = [name for name in changes if getattr(after, name) != getattr(before, name)]
    if not fresh and version is None:
        return template
    require_sound(after)
    if not set(_PARTS).isdisjoint(fresh):
        write_parts(template, after)
    own = {name: getattr(after, name) for name in fresh if name not in _PARTS}
    if fresh or version is not None:
        save_changes(template, own, version=version)
    if fresh:
        announce_template(template, "changed", by=by)
    return template


@transaction.atomic
def delete_template(template: ProjectTemplate, *, by: User) -> None:
    """Remove ``template``. One that deals were planned with stays, out of use: what they took can be looked up."""
    require(can_edit_templates(by))
    lock_template(template)
    announce_template(template, "removed", by=by)
    if template.applications.exists():
        save_changes(template, {"is_active": False})
    else:
        template.delete()


@transaction.atomic
def settle_template(template: ProjectTemplate, *, by: User, change: str = "changed") -> None:
    """Rows of ``template`` were written one by one, as the admin does: see that they hold together, and tell of it.

    Raises ValidationError and DependencyCycle, which take the rows back where the caller's transaction ends with them.
    """
    require(can_edit_templates(by))
    lock_template(template)
    require_sound(blueprint_of(template))
    save_changes(template, {})
    announce_template(template, change, by=by)


def lock_template(template: ProjectTemplate) -> None:
    """Hold ``template``, as it stands now, until the transaction ends. Raises TemplateGone.

    Whoever holds a project as well held that first.
    """
    gone = TemplateGone("This template was deleted meanwhile.")
    read_anew(template, gone=gone, rows=ProjectTemplate.objects.select_for_update())


def announce_template(template: ProjectTemplate, change: str, *, by: User) -> None:
    """Tell that it was ``created``, ``changed`` or ``removed``."""
    announce(TemplateChanged(by_id=by.pk, template_id=template.pk, template=template.name, change=change))


def free_key(name: str) -> str:
    """A key made of ``name`` that no template has."""
    stem = slugify(name)[: _LONGEST_KEY - 5].strip("-") or "template"
    taken = set(ProjectTemplate.objects.filter(key__startswith=stem).values_list("key", flat=True))
    number, key = 1, stem
    while key in taken:
        number += 1
        key = f"{stem}-{number}"
    return key


def _own(plan: Blueprint) -> dict[str, Any]:
    return {name: value for name, value in vars(plan).items() if name not in _PARTS}
