"""What templates announce: to the whole office, which plans its deals with them."""

from dataclasses import dataclass

from estateman.activity.facts import Fact
from estateman.common.rooms import OFFICE


@dataclass(frozen=True, kw_only=True)
class TemplateChanged(Fact, kind="template.changed"):
    """A template was ``created``, ``changed`` or ``removed``. Deals that took it keep what they have."""

    template_id: int
    template: str
    change: str

    def rooms(self) -> tuple[str, ...]:
        return (OFFICE,)

    def sentence(self) -> str:
        return f"{self.change} the template {self.template}"
