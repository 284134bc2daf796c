"""Seeded workloads, and the naive auditor that says what must come of them."""
