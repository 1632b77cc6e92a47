"""The durable cycle: intake, batches of inputs through the kernel, one commit, hand-over, outbox."""
