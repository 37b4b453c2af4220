"""What an upload may hold: refused by what it says it holds, before a byte of a file is kept."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload


def too_large(length: int) -> bool:
    """Whether a request of that many bytes brings more than it may."""
    return length > settings.UPLOAD_MB * 1_000_000


class BoundedUploads(FileUploadHandler):
    """Passes over the files of a request that is too large; its fields are read all the same."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        assert self.request is not None
        if too_large(int(self.request.META.get("CONTENT_LENGTH") or 0)):
            raise StopUpload(connection_reset=False)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
