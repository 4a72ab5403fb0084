from django.urls import path

from events.views import (
    booking_pages,
    calendar,
    event,
    figures,
    finding,
    hours,
    links,
    planning,
    resources,
    settings,
    visitors,
)

urlpatterns = [
    path("calendar", calendar.calendar, name="calendar"),
    path("calendar/find-time", finding.find_time, name="find-time"),
    path("calendar/figures", figures.figures, name="event-figures"),
    path("calendars/open", settings.open_own, name="open-calendar"),
    path("calendars/<int:calendar_id>/settings", settings.settings, name="calendar-settings"),
    path("calendars/<int:calendar_id>/archive", settings.archive, name="archive-calendar"),
    path("calendars/<int:calendar_id>/share", settings.share, name="share-calendar"),
    path("calendars/<int:calendar_id>/shares/<int:share_id>/end", settings.unshare, name="unshare-calendar"),
    path("calendars/<int:calendar_id>/feed", settings.feed, name="calendar-feed-page"),
    path("calendars/<int:calendar_id>/import", settings.import_file, name="import-into-calendar"),
    path("calendars/<int:calendar_id>/links", links.link, name="link-calendar"),
    path("calendars/<int:calendar_id>/account/connect", links.connect, name="connect-calendar-account"),
    path("calendars/<int:calendar_id>/account/disconnect", links.disconnect, name="disconnect-calendar-account"),
    *(
        path(
            f"calendars/<int:calendar_id>/links/<int:link_id>/{verb}",
            links.change_link,
            {"verb": verb},
            name=f"{verb}-calendar-link",
        )
        for verb in ("sync", "stop", "start", "end")
    ),
    path("events/new", planning.new, name="new-event"),
    path("events/<int:event_id>", event.event, name="event"),
    path("events/<int:event_id>/edit", planning.edit, name="edit-event"),
    path("events/<int:event_id>/answer", event.answer, name="answer-event"),
    path("events/<int:event_id>/attendance", event.attendance, name="record-attendance"),
    path("events/<int:event_id>/bookings", event.book, name="book-for-event"),
    *(
        path(
            f"events/<int:event_id>/bookings/<int:booking_id>/{verb}",
            event.change_booking,
            {"verb": verb},
            name=f"{verb}-booking",
        )
        for verb in ("check-in", "give-back")
    ),
    path("events/<int:event_id>/invitations", event.invite, name="invite-to-event"),
    path("events/<int:event_id>/invitations/<int:attendee_id>/end", event.uninvite, name="uninvite"),
    path("events/<int:event_id>/remind-me", event.remind_me, name="remind-me"),
    path("events/<int:event_id>/restore", event.restore, name="restore-date"),
    path("events/<int:event_id>/cancel", event.cancel, name="cancel-event"),
    path("resources", resources.resources, name="resources"),
    *(
        path(f"resources/requests/<int:booking_id>/{verb}", resources.decide, {"verb": verb}, name=f"{verb}-booking")
        for verb in ("approve", "decline")
    ),
    path("resources/<int:resource_id>", resources.resource, name="resource"),
    path("resources/<int:resource_id>/blackouts", resources.black_out, name="black-out"),
    path("resources/<int:resource_id>/blackouts/<int:blackout_id>/end", resources.open_again, name="open-again"),
    path("booking-pages", booking_pages.booking_pages, name="booking-pages"),
    path("booking-pages/new", booking_pages.new, name="new-booking-page"),
    path("booking-pages/<int:page_id>", booking_pages.booking_page, name="booking-page"),
    path("booking-pages/<int:page_id>/delete", booking_pages.delete, name="delete-booking-page"),
    path("hours", hours.hours, name="hours"),
    path("hours/week", hours.week, name="set-week"),
    path("hours/days", hours.differ, name="differ"),
    path("hours/days/<int:day_id>/end", hours.as_usual, name="as-usual"),
    path("hours/off", hours.take_off, name="take-off"),
    path("hours/off/<int:off_id>/end", hours.be_there, name="be-there"),
    path("book/appointments/<str:token>", visitors.appointment, name="appointment-page"),
    path("invitations/<str:token>", visitors.invitation, name="invitation"),
    path("book/<slug:slug>", visitors.book, name="book-page"),
]
