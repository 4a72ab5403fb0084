"""Templates: making and changing them, and planning projects with them."""

from tasks.services.templates.applying import apply_fitting_templates, apply_template
from tasks.services.templates.copying import duplicate_template, save_as_template
from tasks.services.templates.editing import create_template, delete_template, edit_template, settle_template
from tasks.services.templates.reading import blueprint_of

__all__ = [
    "apply_fitting_templates",
    "apply_template",
    "blueprint_of",
    "create_template",
    "delete_template",
    "duplicate_template",
    "edit_template",
    "save_as_template",
    "settle_template",
]
