"""A transport of Faust that hands an agent runs of raw records instead of single events: `kafka-batch://`."""
