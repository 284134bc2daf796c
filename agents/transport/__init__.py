"""Faust transports that hand an agent runs of raw records instead of single events: `kafka-batch://` and `embedded://`."""
