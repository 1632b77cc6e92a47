"""What happens next. Pure: values in, values out; no clock, no I/O, no randomness, no logging."""
