"""Mit login: the person's own page."""
