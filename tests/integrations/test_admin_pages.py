"""Every admin, ours and other people's: on unfold, open to the admin, and silent about secrets."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django_celery_beat.models import PeriodicTask
from djstripe.enums import APIKeyType
from djstripe.models import APIKey, WebhookEndpoint
from knox.models import AuthToken
from unfold.admin import ModelAdmin
from unfold.admin import StackedInline as UnfoldStacked
from unfold.admin import TabularInline as UnfoldTabular

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
GUARDED = {APIKey, WebhookEndpoint, AuthToken}
STRIPE_KEY = "sk_test_" + "5ecret" * 5
SIGNING_SECRET = "whsec_" + "5ecret" * 5


def address(model, page: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def name(model) -> str:
    return str(model._meta.label)


@pytest.fixture
def office(client, admin_user):
    client.force_login(admin_user)
    return client


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_it_is_on_unfold(model):
    registered = admin.site._registry[model]
    assert isinstance(registered, ModelAdmin)
    for inline in registered.inlines:
        assert issubclass(inline, UnfoldTabular | UnfoldStacked)


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_its_pages_open(office, rf, admin_user, model):
    request = rf.get("/")
    request.user = admin_user
    may_add = admin.site._registry[model].has_add_permission(request)
    assert office.get(address(model, "changelist")).status_code == 200
    assert office.get(address(model, "add")).status_code == (200 if may_add else 403)
    assert not (may_add and model in GUARDED)


def test_the_form_of_a_scheduled_job_has_visible_inputs_and_lists_our_jobs(office):
    page = office.get(address(PeriodicTask, "add")).content.decode()
    for field in ("task", "regtask", "args", "queue"):
        tag = page[: page.index(f'id="id_{field}"')].rpartition("<")[2]
        assert "border" in tag, field
    assert "activity.react" in page


@pytest.fixture
def stripe_key(db):
    return APIKey.objects.create(secret=STRIPE_KEY, type=APIKeyType.secret, name="Old key", livemode=False)


@pytest.fixture
def endpoint(db):
    return WebhookEndpoint.objects.create(
        id="we_1",
        url="https://office.example",
        secret=SIGNING_SECRET,
        enabled_events=["*"],
        stripe_data={"secret": SIGNING_SECRET},
    )


@pytest.mark.parametrize("row", ["stripe_key", "endpoint"])
def test_stripes_keys_and_endpoints_are_only_looked_at(office, request, row):
    kept = request.getfixturevalue(row)
    shown = office.get(address(type(kept), "change", kept.pk))
    listed = office.get(address(type(kept), "changelist"))
    assert shown.status_code == listed.status_code == 200
    for page in (shown, listed):
        assert "5ecret" not in page.content.decode()
    assert office.post(address(type(kept), "change", kept.pk), {}).status_code == 403
    assert office.post(address(type(kept), "add"), {}).status_code == 403
    assert office.post(address(type(kept), "delete", kept.pk), {"post": "yes"}).status_code == 403


def test_a_token_is_revoked_in_the_admin_and_never_shown(office, agent):
    token, secret = AuthToken.objects.create(agent)
    pages = [
        office.get(address(AuthToken, "changelist")).content.decode(),
        office.get(address(AuthToken, "change", token.pk)).content.decode(),
    ]
    assert all(secret not in page and "TOKEN" not in page for page in pages)
    office.post(address(AuthToken, "delete", token.pk), {"post": "yes"})
    assert not AuthToken.objects.exists()
