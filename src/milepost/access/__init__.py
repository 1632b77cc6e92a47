"""Who may do what: so far API keys (D-8)."""
