"""What the product needs from outside, as protocols: one file per noun. No adapter is named here."""
