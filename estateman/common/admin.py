"""Admins of rows that people look at and do not write."""


class Kept:
    """Neither added nor deleted by hand, for other rows hang on it."""

    def has_add_permission(self, *args: object) -> bool:
        return False

    def has_delete_permission(self, *args: object) -> bool:
        return False


class ReadOnly(Kept):
    """To be looked at only: a service, or what happened, writes it."""

    def has_change_permission(self, *args: object) -> bool:
        return False
