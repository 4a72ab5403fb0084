"""Plans as MS Project's XML (MSPDI), which project programs of many makers read and write.

https://learn.microsoft.com/office-project/xml-data-interchange/project-xml-data-interchange-schema-reference
"""

from tasks.exchange.mspdi.reading import read_mspdi
from tasks.exchange.mspdi.writing import Planned, write_mspdi

__all__ = ["Planned", "read_mspdi", "write_mspdi"]
