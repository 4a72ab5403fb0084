"""The secret addresses of calendar feeds."""

import pytest

from estateman.people.feeds import close_feed, feed_owner, open_feed


def test_the_newest_secret_opens_the_feed_and_no_other(agent):
    first, second = open_feed(agent, "deadlines"), open_feed(agent, "deadlines")
    assert [feed_owner("deadlines", secret) for secret in (first, second)] == [None, agent]
    assert feed_owner("calendar:7", second) is None
    close_feed(agent, "deadlines")
    assert feed_owner("deadlines", second) is None


@pytest.mark.django_db(transaction=True)
def test_of_secrets_that_are_made_at_once_one_opens_it(agent, in_threads):
    secrets = in_threads(8, lambda _: open_feed(agent, "deadlines"))
    assert [feed_owner("deadlines", secret) for secret in secrets].count(agent) == 1
