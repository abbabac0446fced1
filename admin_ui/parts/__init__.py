"""What the pages of every audience share: the layout, its parts, and the words for closed vocabularies."""
