from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from estateman.activity.services import announce
from estateman.people.activities import RightsChanged
from estateman.people.models import Team, TeamMembership, User

# Rights follow the office role; groups would be a second answer to the same question.
admin.site.unregister(Group)

_RIGHTS = {"role", "is_active", "is_superuser"}


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User], ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("name", "email", "role", "timezone", "is_active", "is_staff")
    list_filter = ("role", "is_active", "is_staff")
    search_fields = ("name", "email")
    ordering = ("name",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": ("name", "phone", "timezone", "locale")}),
        ("Office", {"fields": ("role", "is_active", "is_staff", "is_superuser")}),
        ("History", {"fields": ("date_joined", "last_login")}),
    )
    readonly_fields = ("date_joined", "last_login")
    add_fieldsets = (
        (None, {"fields": ("email", "name", "role", "timezone", "usable_password", "password1", "password2")}),
    )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001  Django calls it so
        super().save_model(request, obj, form, change)
        if change and not _RIGHTS.isdisjoint(form.changed_data):
            by = cast("User", request.user)
            announce(RightsChanged(by_id=by.pk, user_id=obj.pk, user=str(obj), role=obj.role, is_active=obj.is_active))


class MembershipInline(TabularInline):
    model = TeamMembership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Team)
class TeamAdmin(ModelAdmin):
    list_display = ("name",)
    search_fields = ("name",)
    inlines = (MembershipInline,)
