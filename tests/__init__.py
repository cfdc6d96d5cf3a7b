"""Tests. The folders mirror the program; `benchmarks/` prints figures."""
