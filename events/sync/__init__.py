"""Calendars kept the same as calendars elsewhere: pull, merge by what both sides last said, push."""
