"""Files as answers: handed out to be kept, never to be shown or run by the browser that fetched them."""

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.core.files import File
from django.http import FileResponse, HttpResponse
from django.utils.http import content_disposition_header


def written(content: str | bytes, *, name: str, content_type: str) -> HttpResponse:
    """``content``, made for this answer, as an attachment called ``name``."""
    answer = HttpResponse(content, content_type=content_type)
    answer.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return answer


class Download(FileResponse):
    """``file`` as an attachment called ``name``. It is read block by block under ASGI too, where Django would read it
    whole."""

    def __init__(self, file: File[bytes], *, name: str, content_type: str) -> None:
        super().__init__(file, as_attachment=True, filename=name, content_type=content_type)
        self._blocks = file
        self.headers["X-Content-Type-Options"] = "nosniff"
        self.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        self.headers["Cache-Control"] = "private, no-store"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = sync_to_async(self._blocks.read)
        while block := await read(self.block_size):
            yield block
