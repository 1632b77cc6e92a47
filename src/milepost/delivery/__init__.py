"""From an intent to the other side: one file per provider, found by `registry` (D-7)."""
