"""What a reader takes home of a page: pictures, data, and the Python that makes them."""

from ui.take.downloads import row
from ui.take.files import Columns, stacked
from ui.take.taken import Taken, slug

__all__ = ["Columns", "Taken", "row", "slug", "stacked"]
