"""Questions. Pure: each is a value with its rules and a plain reference answer, the oracle for every store."""
