"""Benchmarks: each number stands beside the peer or the limit measured in the same run."""
