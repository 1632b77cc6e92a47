"""Who may come in: API keys, accounts, and the sessions of those who are signed in (D-8)."""
