"""Wire payload to values: parsing, limits and rules that need no store and no clock (D-2.1, D-2.2)."""
