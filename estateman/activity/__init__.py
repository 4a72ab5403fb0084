"""The activity log: what happened, kept; apps announce it and others react, each reaction once.

Never called an "event": `events` is an app.
"""
