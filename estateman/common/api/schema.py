"""OpenAPI as the house speaks it: errors in the one shape, tags by path."""

from drf_standardized_errors.openapi import AutoSchema


class HouseSchema(AutoSchema):
    """Tags a route by its first path segment after ``/api/v1``."""

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").split("/")[0]]
