"""Benchmarks: scripts that measure this program on this machine, each of which ends with figures as JSON.

`make bench` runs the short set, `make bench-full` all; both write docs/BENCHMARKS.md. A single one:
`python -m tests.benchmarks.core --help`. Results are kept in `out/benchmarks`, one file a script: its latest run.
"""
