"""Kafka's own shapes: batches of records, and which partition a key belongs to."""
