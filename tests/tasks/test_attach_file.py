"""Attaching files to tasks, fetching and removing them."""

import os
from pathlib import Path
from time import time

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from estateman.common.errors import TooLarge
from tasks import services
from tasks.activities import AttachmentAdded, AttachmentRemoved
from tasks.jobs.files import forget_lost_files
from tasks.models import Attachment
from tasks.services.refusals import TaskGone

PDF = b"%PDF-1.7 the offer"


@pytest.fixture
def upload(api):
    """``upload(agent, task, name="a.pdf", content=b"…")``: as a browser sends it."""

    def send(who, task, *, name="offer.pdf", content=PDF):
        file = SimpleUploadedFile("x", content)
        vars(file)["_name"] = name  # as sent, whatever it is
        return api(who).post(f"/api/v1/tasks/{task.pk}/attachments", {"file": file}, format="multipart")

    return send


@pytest.fixture
def fetch(api):
    return lambda who, file, **headers: api(who).get(
        f"/api/v1/tasks/{file.task_id}/attachments/{file.pk}", headers=headers
    )


@pytest.fixture
def remove(api):
    return lambda who, file: api(who).delete(f"/api/v1/tasks/{file.task_id}/attachments/{file.pk}")


def files_kept():
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def content_of(answer):
    return b"".join(answer.streaming_content)


def code(answer):
    return answer.status_code, answer.data["errors"][0]["code"]


def test_a_file_is_kept_with_the_task(upload, api, agent, make_task, told):
    task = make_task()
    answer = upload(agent, task, name="Offer, Müller.pdf")
    assert answer.status_code == 201
    expected = {
        "task": task.pk,
        "comment": None,
        "name": "Offer, Müller.pdf",
        "content_type": "application/pdf",
        "size_bytes": len(PDF),
        "uploaded_by": agent.pk,
        "uploaded_by_name": "Alex Agent",
        "url": f"/api/v1/tasks/{task.pk}/attachments/{answer.data['id']}",
    }
    assert {name: answer.data[name] for name in expected} == expected
    assert api(agent).get(f"/api/v1/tasks/{task.pk}/attachments").data["results"] == [answer.data]
    (kept,) = files_kept()
    assert kept.read_bytes() == PDF
    assert kept.parent.name == str(task.project_id)
    assert "ller" not in kept.name
    assert kept.stat().st_mode & 0o077 == 0
    (fact,) = told(AttachmentAdded)
    assert (fact.name, fact.content_type, fact.size_bytes) == ("Offer, Müller.pdf", "application/pdf", len(PDF))
    assert fact.sentence() == "attached Offer, Müller.pdf to Photos"


def test_it_is_handed_out_to_be_saved_never_to_be_shown(fetch, agent, make_task, make_file):
    answer = fetch(agent, make_file(make_task(), "Übersicht.pdf", content=PDF))
    assert (answer.status_code, content_of(answer)) == (200, PDF)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Length"] == str(len(PDF))
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%C3%9Cbersicht.pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"


def test_what_the_asker_would_rather_have_does_not_matter(fetch, agent, make_task, make_file):
    answer = fetch(agent, make_file(make_task()), Accept="image/png")
    assert (answer["Content-Type"], content_of(answer)) == ("application/pdf", b"%PDF-1.7")


def test_only_those_who_see_the_task_fetch_it(fetch, client, people, make_task, make_file):
    file = make_file(make_task())
    fetched = [fetch(who, file) for who in (people.viewer, people.stranger, None)]
    assert [answer.status_code for answer in fetched] == [200, 404, 401]
    assert content_of(fetched[0]) == b"%PDF-1.7"
    client.force_login(people.agent)
    for path in (file.file.name, f"media/{file.file.name}", f"static/{file.file.name}"):
        assert client.get(f"/{path}").status_code == 404


def test_viewers_list_files_and_attach_none_and_strangers_find_nothing(upload, api, viewer, stranger, make_task):
    task = make_task()
    url = f"/api/v1/tasks/{task.pk}/attachments"
    assert [api(who).get(url).status_code for who in (viewer, stranger)] == [200, 404]
    assert [upload(who, task).status_code for who in (viewer, stranger)] == [403, 404]
    assert files_kept() == []


def test_a_file_is_found_under_its_own_task_only(api, agent, make_task, make_file):
    file, other = make_file(make_task()), make_task("Other")
    for method in ("get", "delete"):
        assert getattr(api(agent), method)(f"/api/v1/tasks/{other.pk}/attachments/{file.pk}").status_code == 404


def test_a_deleted_tasks_files_come_back_with_it(fetch, manager, make_task, make_file):
    task = make_task()
    file = make_file(task)
    services.delete_task(task, by=manager)
    assert fetch(manager, file).status_code == 404
    services.restore_task(task, by=manager)
    answer = fetch(manager, file)
    assert content_of(answer) == b"%PDF-1.7"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/cron.d/offer.pdf", "offer.pdf"),
        ("C:\\deals\\offer.pdf", "offer.pdf"),
        ("%2e%2e%2foffer.pdf", "%2e%2e%2foffer.pdf"),
        ("a\tb\u202e.pdf", "ab.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("見積 📄.PDF", "見積 📄.PDF"),
        ("<b>&quot;.pdf", '<b>".pdf'),
    ],
)
def test_a_name_is_a_name_and_no_path(upload, fetch, agent, make_task, name, kept):
    answer = upload(agent, make_task(), name=name)
    assert answer.status_code == 201, answer.data
    assert answer.data["name"] == kept
    assert len(files_kept()) == 1
    fetched = fetch(agent, Attachment.objects.get())
    assert "\n" not in fetched["Content-Disposition"]
    assert content_of(fetched) == PDF


def test_a_null_byte_in_a_name_is_left_out(agent, make_task, make_file):
    assert make_file(make_task(), "a\0b.pdf").name == "ab.pdf"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>"),
        ("drawing.svg", b"<svg onload=alert(1)>"),
        ("setup.exe", b"MZ"),
        ("offer.pdf", b"<html>"),
        ("photo.png", PDF),
        ("notes.txt", b"MZ\0\0"),
        ("all.zip", b"PK\x03\x04"),
        ("offer", PDF),
    ],
)
def test_what_is_not_of_a_type_that_is_taken_is_refused(upload, agent, make_task, name, content):
    answer = upload(agent, make_task(), name=name, content=content)
    assert code(answer) == (400, "unsupported_type")
    assert answer.data["errors"][0]["attr"] == "file"
    assert files_kept() == []


def test_which_types_are_taken_is_a_setting(upload, agent, make_task, settings):
    settings.UPLOAD_TYPES = ["zip"]
    assert upload(agent, make_task(), name="all.zip", content=b"PK\x03\x04").status_code == 201
    assert code(upload(agent, make_task())) == (400, "unsupported_type")


def test_what_is_too_large_is_refused(upload, agent, make_task, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    task = make_task()
    assert upload(agent, task, content=PDF + b"x" * (1000 - len(PDF))).status_code == 201
    assert code(upload(agent, task, content=PDF + b"x" * (1001 - len(PDF)))) == (413, "too_large")
    assert len(files_kept()) == 1


def test_what_says_it_is_too_large_is_not_even_read(api, agent, make_task, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    url = f"/api/v1/tasks/{make_task().pk}/attachments"
    answer = api(agent).post(url, b"x" * 200_000, content_type="multipart/form-data; boundary=x")
    assert code(answer) == (413, "too_large")


def test_a_large_file_is_taken_too(upload, fetch, agent, make_task):
    content = PDF + b"\1" * 4_000_000  # more than Django keeps in memory
    upload(agent, make_task(), content=content)
    answer = fetch(agent, Attachment.objects.get())
    assert content_of(answer) == content


def test_an_empty_file_is_refused(upload, agent, make_task):
    assert code(upload(agent, make_task(), content=b"")) == (400, "empty")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"file=1", "application/x-www-form-urlencoded", 415),
        (b"", "multipart/form-data; boundary=x", 400),
        (b"nonsense", "multipart/form-data; boundary=x", 400),
        (b"nonsense", "multipart/form-data", 400),
        (b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--x--\r\n', None, 400),
        (b'--x\r\nContent-Disposition: form-data; name="file"; filename=".."\r\n\r\ntext\r\n--x--\r\n', None, 400),
        (b'--x\r\nContent-Disposition: form-data; name="other"; filename="a.pdf"\r\n\r\n%PDF-\r\n--x--', None, 400),
    ],
)
def test_what_is_no_upload_is_refused(api, agent, make_task, body, content_type, status):
    url = f"/api/v1/tasks/{make_task().pk}/attachments"
    answer = api(agent).post(url, body, content_type=content_type or "multipart/form-data; boundary=x")
    assert answer.status_code == status
    assert answer.data["type"] in {"client_error", "validation_error"}
    assert files_kept() == []


def test_far_too_many_parts_are_refused_in_the_usual_shape(api, agent, make_task):
    part = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n1\r\n'
    body = "".join(part.format(number) for number in range(1500)) + "--x--\r\n"
    url = f"/api/v1/tasks/{make_task().pk}/attachments"
    answer = api(agent).post(url, body.encode(), content_type="multipart/form-data; boundary=x")
    assert code(answer) == (400, "parse_error")


def test_too_long_a_field_beside_it_is_refused(api, agent, make_task):
    body = b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\n' + b"x" * 3_000_000 + b"\r\n--x--\r\n"
    url = f"/api/v1/tasks/{make_task().pk}/attachments"
    answer = api(agent).post(url, body, content_type="multipart/form-data; boundary=x")
    assert code(answer) == (413, "too_large")


def test_where_the_row_cannot_be_written_no_file_stays(make_task, make_file, manager, deal):
    task = make_task()
    seen = type(task).objects.select_related("project").get(pk=task.pk)
    services.delete_task(task, by=manager)
    with pytest.raises(TaskGone):
        make_file(seen)
    assert files_kept() == []
    assert not Attachment.objects.exists()


def test_the_service_knows_the_limit_too(make_task, make_file, settings):
    settings.UPLOAD_MAX_BYTES = 3
    with pytest.raises(TooLarge):
        make_file(make_task())


@pytest.mark.django_db(transaction=True)
def test_files_of_one_name_uploaded_at_once_are_all_kept(make_task, make_file, in_threads, agent):
    task = make_task()

    def attach(number):
        mine = type(task).objects.select_related("project").get(pk=task.pk)
        return make_file(mine, content=PDF + str(number).encode(), by=agent).pk

    assert len(set(in_threads(6, attach))) == 6
    assert sorted(path.read_bytes()[-1:] for path in files_kept()) == [b"0", b"1", b"2", b"3", b"4", b"5"]


def test_who_uploaded_it_may_remove_it_and_so_may_who_manages_the_deal(remove, people, make_task, make_file, told):
    task = make_task()
    mine, other = make_file(task, by=people.agent), make_file(task, by=people.coordinator)
    refused = [remove(who, other).status_code for who in (people.agent, people.viewer, people.stranger)]
    assert refused == [403, 403, 404]
    assert [remove(people.agent, mine).status_code, remove(people.manager, other).status_code] == [204, 204]
    assert [fact.attachment_id for fact in told(AttachmentRemoved)] == [mine.pk, other.pk]


def test_its_content_goes_once_that_is_committed(manager, make_task, make_file, django_capture_on_commit_callbacks):
    file = make_file(make_task())
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_attachment(file, by=manager)
        assert len(files_kept()) == 1
    assert files_kept() == []


def test_who_no_longer_works_there_removes_nothing(remove, agent, manager, deal, make_task, make_file):
    file = make_file(make_task(), by=agent)
    services.change_member(deal.memberships.get(user=agent), role="viewer", by=manager)
    assert remove(agent, file).status_code == 403


def test_removing_it_twice_at_once_is_once(manager, make_task, make_file, told):
    file = make_file(make_task())
    seen = Attachment.objects.select_related("task__project").get(pk=file.pk)
    services.remove_attachment(file, by=manager)
    services.remove_attachment(seen, by=manager)
    assert len(told(AttachmentRemoved)) == 1


def test_what_something_is_done_by_is_not_removed(remove, manager, make_task, make_file, make_item):
    task = make_task()
    file, item = make_file(task), make_item(task, "Disclosure", needs_document=True)
    services.file_document(item, attachment=file, by=manager)
    answer = remove(manager, file)
    assert code(answer) == (409, "document_in_use")
    assert answer.data["items"] == [{"id": item.pk, "text": "Disclosure"}]
    services.reopen_checklist_item(item, by=manager)
    assert remove(manager, file).status_code == 204
    item.refresh_from_db()
    assert item.document is None


def test_an_archived_deals_files_are_read_only(upload, fetch, remove, manager, make_task, make_file):
    file = make_file(make_task())
    services.archive_project(file.project, by=manager)
    assert code(upload(manager, file.task)) == (409, "project_archived")
    assert code(remove(manager, file)) == (409, "project_archived")
    assert len(files_kept()) == 1
    assert content_of(fetch(manager, file)) == b"%PDF-1.7"


def test_a_file_that_is_missing_is_not_there(fetch, manager, make_task, make_file, caplog):
    file = make_file(make_task())
    default_storage.delete(file.file.name)
    assert fetch(manager, file).status_code == 404
    assert "is missing" in caplog.text


def test_files_without_a_row_are_forgotten_after_a_day(make_task, make_file):
    file = make_file(make_task())
    folder = Path(default_storage.path(file.file.name)).parent
    old, fresh, foreign = folder / "old.pdf", folder / "fresh.pdf", folder.parent / "readme"
    for path in (old, fresh, foreign, Path(default_storage.path(file.file.name))):
        path.touch()
    for path in (old, foreign, Path(default_storage.path(file.file.name))):
        os.utime(path, (time() - 90_000, time() - 90_000))
    forget_lost_files()
    forget_lost_files()
    assert {path.name for path in files_kept()} == {Path(file.file.name).name, "fresh.pdf", "readme"}


def test_nothing_is_forgotten_where_nothing_was_kept(db):
    forget_lost_files()


def test_a_list_costs_the_same_however_long_it_is(
    api, agent, coordinator, make_task, make_file, django_assert_max_num_queries
):
    task = make_task()

    def queries():
        with django_assert_max_num_queries(10) as counted:
            assert api(agent).get(f"/api/v1/tasks/{task.pk}/attachments").status_code == 200
        return len(counted)

    make_file(task)
    few = queries()
    for who in (agent, coordinator):
        make_file(task, by=who)
    assert queries() == few
