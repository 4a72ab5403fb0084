"""`python -m benchmarks.programs.staff 50`: that many people, the first a manager, with a token each, as JSON."""

import json
import sys
from typing import Any

import django

django.setup()

from knox.models import AuthToken  # noqa: E402  needs the app registry, which the call above loads

from estateman.people.models import OfficeRole, User  # noqa: E402


def hire(number: int) -> dict[str, Any]:
    """The same person again on a second call, with another token."""
    role = OfficeRole.AGENT if number else OfficeRole.MANAGER
    user, _ = User.objects.get_or_create(
        email=f"staff{number}@benchmark.example", defaults={"name": f"Staff {number}", "role": role}
    )
    _, token = AuthToken.objects.create(user=user)
    return {"id": user.pk, "token": token}


if __name__ == "__main__":
    print(json.dumps([hire(number) for number in range(int(sys.argv[1]))]))
