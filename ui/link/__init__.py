"""The link is the state: what every setting is called in the URL, what it may be, and how it comes and goes."""
