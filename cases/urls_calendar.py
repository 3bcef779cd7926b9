"""Addresses of the calendar elsewhere: the page of it, and the feed itself."""

from django.urls import path

from cases.views import calendar

urlpatterns = [
    path("account/calendar/", calendar.my_calendar, name="my-calendar"),
    path("account/calendar/address/", calendar.calendar_address, name="calendar-address"),
    path("account/calendar/end/", calendar.calendar_end, name="calendar-end"),
    path("account/reminders/", calendar.my_reminders, name="my-reminders"),
    path("calendar/<str:token>.ics", calendar.calendar_feed, name="calendar-feed"),
]
