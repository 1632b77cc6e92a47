"""Benchmarks: each prints throughput, latency, memory, and the ratio to a bound measured in the same run."""
