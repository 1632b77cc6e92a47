"""What an operator sees of a running server: measures, logs, traces. Observes the others, who do not know it."""
