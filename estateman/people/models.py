"""Users sign in by e-mail and have one office role; teams have members, one of whom may lead."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from estateman.common import clock
from estateman.common.versions import Versioned


class OfficeRole(models.TextChoices):
    """What someone does in the office; what that allows stands in permissions.py."""

    ADMIN = "admin"
    MANAGER = "manager"
    AGENT = "agent"
    COORDINATOR = "coordinator"
    ASSISTANT = "assistant"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Add someone to the office. Without a password they cannot sign in until one is set."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(
            email, password, **{"role": OfficeRole.ADMIN, "is_staff": True, "is_superuser": True, **fields}
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(Versioned, AbstractBaseUser, PermissionsMixin):
    """One of the staff. ``timezone`` decides what "today" is for them."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=OfficeRole.choices, default=OfficeRole.AGENT)
    timezone = models.CharField(max_length=64, default="America/New_York", validators=[clock.validate_zone])
    phone = models.CharField(
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^\+[1-9]\d{6,14}$", "Write the number like +12125550123.")],
    )
    locale = models.CharField(
        max_length=10,
        default="en-US",
        validators=[RegexValidator(r"^[a-z]{2,3}(-[A-Z]{2})?$", "Write the locale like en-US.")],
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, verbose_name="may open the admin")
    is_demo = models.BooleanField(
        default=False, editable=False, help_text="Its password is public: may sign in on this machine only"
    )
    date_joined = models.DateTimeField(default=clock.now, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "users"
        constraints = [models.UniqueConstraint(Lower("email"), name="email_once_whatever_its_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = type(self).objects.normalize_email(self.email)

    @property
    def may_sign_in(self) -> bool:
        """Asked on every request: deactivated people, and demo people on a reachable host, may not."""
        return self.is_active and (settings.DEMO_LOGINS or not self.is_demo)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class TeamQuerySet(models.QuerySet["Team"]):
    def of(self, user: User) -> "TeamQuerySet":
        return self.filter(memberships__user=user)


class Team(Versioned):
    """People who work together."""

    name = models.CharField(max_length=80, unique=True)
    members = models.ManyToManyField(User, through="TeamMembership", related_name="teams")

    objects = TeamQuerySet.as_manager()

    class Meta:
        db_table = "teams"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class TeamMembership(models.Model):
    """That someone is in a team, and whether they lead it."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    is_lead = models.BooleanField(default=False)

    class Meta:
        db_table = "team_memberships"
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="member_once_per_team"),
            models.UniqueConstraint(fields=["team"], condition=models.Q(is_lead=True), name="one_lead_per_team"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


def validate_active(user: User) -> None:
    """Raises ValidationError for someone who left: nothing new is given to them."""
    if not user.is_active:
        raise ValidationError(f"{user} no longer works here.", code="inactive_user")


class FeedToken(models.Model):
    """What the secret address of somebody's calendar feed ends with. Only its digest is kept: it is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="feed_tokens")
    feed = models.CharField(max_length=60, help_text="Which feed it opens, like deadlines or calendar:7")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "feed_tokens"
        constraints = [models.UniqueConstraint(fields=["user", "feed"], name="feed_token_once_per_feed")]

    def __str__(self) -> str:
        return f"{self.feed} of {self.user}"
