"""Files that the server imports by itself: they come in piece by piece, and are read piece by piece (D-2.10)."""
