"""Notifications: who is told what, where and when; the inbox, deliveries and the live socket."""
