"""Every admin, ours and other people's: on unfold, open to the admin, and silent about secrets."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django_celery_beat.models import PeriodicTask
from djstripe.admin import StripeModelAdmin
from djstripe.admin.actions import CustomActionMixin
from djstripe.enums import APIKeyType
from djstripe.models import APIKey, Charge, Customer, Product, WebhookEndpoint
from knox.models import AuthToken
from unfold.admin import ModelAdmin
from unfold.admin import StackedInline as UnfoldStacked
from unfold.admin import TabularInline as UnfoldTabular

from estateman.common.admin import ReadOnly

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


MIRRORED = [model for model in MODELS if model._meta.app_label == "djstripe"]


@pytest.mark.parametrize("model", MIRRORED, ids=name)
class TestWhatStripeTold:
    """dj-stripe's own pages reach Stripe by a key of their own, so none of them is left."""

    def test_it_is_only_looked_at(self, rf, admin_user, model):
        request = rf.get("/")
        request.user = admin_user
        registered = admin.site._registry[model]
        assert isinstance(registered, ReadOnly)
        assert not isinstance(registered, StripeModelAdmin | CustomActionMixin)
        assert registered.get_actions(request) == {}
        assert registered.has_view_permission(request)
        assert not registered.has_change_permission(request)
        assert not registered.has_delete_permission(request)

    def test_it_can_be_found_and_sorted(self, office, model):
        at = address(model, "changelist")
        assert office.get(f"{at}?q=ch_1&o=-1.2").status_code == 200


@pytest.mark.parametrize("action", ["_cancel", "_resync_instances", "_sync_all_instances"])
def test_nothing_can_be_asked_of_stripe_from_its_pages(office, action):
    for model in MIRRORED:
        at = f"{address(model, 'changelist')}action/{action}/{model._meta.model_name}/"
        # Taken for the id of a row, which is not there.
        assert office.get(at, follow=True).redirect_chain[-1][0] == "/admin/"
        assert office.post(f"{at}change/", {"_selected_action": ["1"]}).status_code in {302, 403}
        assert "djstripe_custom_action" not in {each.name for each in admin.site._registry[model].get_urls()}


def test_a_manager_sees_nothing_of_stripes_pages(client, manager):
    client.force_login(manager)
    for model in MIRRORED:
        assert client.get(address(model, "changelist")).status_code == 403
        answer = client.get(
            f"{address(model, 'changelist')}action/_sync_all_instances/{model._meta.model_name}/", follow=True
        )
        assert "Sync" not in answer.content.decode()


def kept(model, number: int, **fields):
    return model.objects.create(id=f"{model._meta.model_name}_{number}", livemode=False, stripe_data={}, **fields)


def charge(number: int):
    """One with rows of its own around it."""
    customer = kept(Customer, number)
    return kept(Charge, number, customer=customer, amount=10, currency="usd")


def product(number: int):
    return kept(Product, number, name="House", active=True)


def test_lists_of_what_stripe_told_take_no_query_for_each_row(office, django_assert_max_num_queries):
    for number in range(30):
        charge(number)
        Product.objects.filter(pk=product(number).pk).update(stripe_data={"default_price": f"price_{number}"})
    for model in (Charge, Customer, Product):
        with django_assert_max_num_queries(8):
            page = office.get(address(model, "changelist")).content.decode()
        assert f"{model._meta.model_name}_29" in page
    assert "customer_29" in office.get(address(Charge, "changelist")).content.decode()


def test_a_token_is_revoked_in_the_admin_and_never_shown(office, agent):
    token, secret = AuthToken.objects.create(agent)
    pages = [
        office.get(address(AuthToken, "changelist")).content.decode(),
        office.get(address(AuthToken, "change", token.pk)).content.decode(),
    ]
    assert all(secret not in page and "TOKEN" not in page for page in pages)
    office.post(address(AuthToken, "delete", token.pk), {"post": "yes"})
    assert not AuthToken.objects.exists()
