"""How long a page works before it asks, says how far it is, or stops; in seconds."""

UNASKED = 20.0
"""Work that a page starts by itself; more waits for a button."""

UNSEEN = 0.3
"""Before that, progress is not worth a line on the page."""

SHORT, LONG = 15.0, 600.0
"""The deadline of a search, and once the reader asks for more."""
