"""The files of tasks: how they come in, and how they go."""

import os
from contextlib import suppress
from datetime import timedelta
from functools import partial
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.errors import TooLarge
from estateman.people.models import User
from tasks.activities import AttachmentAdded, AttachmentRemoved
from tasks.file_types import HEAD_BYTES, TAIL_BYTES, Ends, content_type_of, plain_name
from tasks.models import Attachment, ChecklistItem, Task
from tasks.permissions import can_remove_attachment, can_work_on_project
from tasks.services.locking import lock_task, require
from tasks.services.placing import facts_of
from tasks.services.refusals import DocumentInUse

LOST_AFTER = timedelta(days=1)
"""For how long a file may lack its row: the one is written before the other."""
_LONGEST_NAME = 200


def attach_file(task: Task, *, file: File[bytes], name: str, by: User) -> Attachment:
    """Keep ``file``, which was called ``name`` where it comes from, with the task.

    The file is written first and outside of any lock, then its row: a crash in between leaves a file that nobody sees,
    which ``forget_lost_files`` deletes. Raises TooLarge, ValidationError for an empty file and one whose suffix is not
    allowed or not what it is (``unsupported_type``), TaskGone, ProjectArchived.
    """
    require(can_work_on_project(by, task.project))
    name = plain_name(name, longest=_LONGEST_NAME)
    attachment = Attachment(
        project=task.project,
        task=task,
        name=name,
        content_type=_required_type(file, name),
        size_bytes=file.size,
        sha256=_digest(file),
        uploaded_by=by,
    )
    _write(attachment, file)
    try:
        _enter(attachment, by)
    except BaseException:
        attachment.file.delete(save=False)
        raise
    return attachment


@transaction.atomic
def remove_attachment(attachment: Attachment, *, by: User) -> None:
    """Delete the file for good. Removing what is gone changes and announces nothing.

    Raises DocumentInUse while items of the checklist are done by it, TaskGone, ProjectArchived.
    """
    require(can_remove_attachment(by, attachment))
    lock_task(attachment.task)
    _require_unused(attachment)
    if Attachment.objects.filter(pk=attachment.pk).delete()[0]:
        said = facts_of(attachment.task, by)
        announce(AttachmentRemoved(**said, attachment_id=attachment.pk, name=attachment.name))
        transaction.on_commit(partial(default_storage.delete, str(attachment.file)), robust=True)


def forget_lost_files() -> None:
    """Delete files that have had no row for a day. Doing it twice at once does no harm."""
    before = clock.now() - LOST_AFTER
    for project_id in _folders():
        kept = set(Attachment.objects.filter(project=project_id).values_list("file", flat=True))
        folder = f"{Attachment.FOLDER}/{project_id}"
        for path in (f"{folder}/{name}" for name in default_storage.listdir(folder)[1]):
            with suppress(FileNotFoundError):  # somebody else forgets it, too
                if path not in kept and default_storage.get_modified_time(path) < before:
                    default_storage.delete(path)


def _folders() -> list[int]:
    """The projects that files were written for."""
    try:
        names, _ = default_storage.listdir(Attachment.FOLDER)
    except FileNotFoundError:
        return []
    return sorted(int(name) for name in names if name.isdecimal())


def _required_type(file: File[bytes], name: str) -> str:
    """What it is served as. Raises TooLarge, ValidationError."""
    if file.size > settings.UPLOAD_MAX_BYTES:
        raise TooLarge(settings.UPLOAD_MAX_BYTES)
    if not file.size:
        raise ValidationError({"file": ValidationError("This file is empty.", code="empty")})
    content_type = content_type_of(name, _ends(file), allowed=settings.UPLOAD_TYPES)
    if content_type is None:
        taken = ", ".join(settings.UPLOAD_TYPES)
        detail = f"This is not a file of the types that are taken, or not what its name says. Taken are: {taken}."
        raise ValidationError({"file": ValidationError(detail, code="unsupported_type")})
    return content_type


def _ends(file: File[bytes]) -> Ends:
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(max(0, file.size - TAIL_BYTES))
    return Ends(head=head, tail=file.read(TAIL_BYTES))


def _digest(file: File[bytes]) -> str:
    digest = sha256()
    for block in file.chunks():
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()


def _write(attachment: Attachment, file: File[bytes]) -> None:
    """Have it on the disk, not only on its way there, before a row says that it is."""
    attachment.file.save(attachment.name, file, save=False)
    with default_storage.open(str(attachment.file)) as written:
        os.fsync(written.fileno())


@transaction.atomic
def _enter(attachment: Attachment, by: User) -> None:
    lock_task(attachment.task)
    attachment.save()
    announce(
        AttachmentAdded(
            **facts_of(attachment.task, by),
            attachment_id=attachment.pk,
            name=attachment.name,
            content_type=attachment.content_type,
            size_bytes=attachment.size_bytes,
        )
    )


def _require_unused(attachment: Attachment) -> None:
    done = attachment.checklist_items.filter(state=ChecklistItem.State.DONE)
    items = list(done.order_by("pk").values("id", "text"))
    if items:
        names = ", ".join(item["text"] for item in items)
        raise DocumentInUse(f"It is what was filed for: {names}. Put another document there first.", items=items)
