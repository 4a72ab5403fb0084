"""The demo agency's deals, in every stage, all dated from the day they are loaded."""

from tasks.demo.deals import DEALS
from tasks.demo.loading import load_projects

__all__ = ["DEALS", "load_projects"]
