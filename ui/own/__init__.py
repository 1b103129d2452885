"""What readers bring along: where it comes from, what is computed of it, and how it is shown."""
