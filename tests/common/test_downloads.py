"""Files as answers."""

import io

from django.core.files import File

from estateman.common.api.downloads import Download


class Counted(io.BytesIO):
    longest = 0

    def read(self, size=-1):
        block = super().read(size)
        Counted.longest = max(Counted.longest, len(block))
        return block


async def test_a_file_is_read_block_by_block_under_asgi():
    content = b"x" * 1_000_000
    answer = Download(File(Counted(content), name="a.pdf"), name="a.pdf", content_type="application/pdf")
    blocks = [block async for block in answer]
    assert b"".join(blocks) == content
    assert Counted.longest <= answer.block_size
    answer.close()


# Closing an answer ends a request, which looks at the connections.
def test_read_the_usual_way_it_is_the_same(db):
    answer = Download(File(io.BytesIO(b"abc"), name="a.pdf"), name="a.pdf", content_type="application/pdf")
    assert b"".join(answer) == b"abc"
    answer.close()
