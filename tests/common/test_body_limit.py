"""Bodies that are longer than anything we take."""

import json

import pytest

from estateman.common.body_limit import BodyLimit


async def echo(scope, receive, send):
    """Reads everything, as Django does, and answers with how much it was; says nothing once the caller is gone."""
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message["body"])
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


async def ask(*blocks, said=None):
    """What is answered to a body of these blocks, and how many of them were read."""
    left, sent = list(blocks), []

    async def receive():
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message):
        sent.append(message)

    headers = [] if said is None else [(b"content-length", said)]
    await BodyLimit(echo, most=1024 * 1024)({"type": "http", "headers": headers}, receive, send)
    start, body = sent
    return start["status"], body["body"], len(blocks) - len(left)


BLOCK = b"x" * 512 * 1024


async def test_what_is_short_enough_passes():
    assert await ask(BLOCK, BLOCK, said=b"1048576") == (200, b"1048576", 2)
    assert await ask(BLOCK, BLOCK) == (200, b"1048576", 2)


async def test_what_says_that_it_is_too_long_is_not_read():
    status, body, read = await ask(BLOCK, said=b"1048577")
    assert (status, read) == (413, 0)
    assert json.loads(body) == {
        "type": "client_error",
        "errors": [{"code": "too_large", "detail": "A request holds 1 MiB at most.", "attr": None}],
    }


@pytest.mark.parametrize("said", [None, b"5", b"-1", b"x", b""])
async def test_what_does_not_say_so_is_cut_off(said):
    status, body, read = await ask(BLOCK, BLOCK, b"x", BLOCK, said=said)
    assert (status, json.loads(body)["errors"][0]["code"], read) == (413, "too_large", 3)
