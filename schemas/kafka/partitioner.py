"""Which partition a key belongs to: murmur2 as the Java client computes it (`BuiltInPartitioner.partitionForKey`).

Every publisher of the bank must use the same function (librdkafka: ``partitioner=murmur2_random``), so that all events
of a member have one partition number in every topic.
"""

from __future__ import annotations

from struct import iter_unpack

_SEED = 0x9747B28C
_MIX = 0x5BD1E995
_MASK = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """The 32-bit hash, unsigned. Source: Austin Appleby's MurmurHash2, seed and tail as in Kafka's `Utils.murmur2`."""
    whole = len(data) & ~3
    mixed = _SEED ^ len(data)
    for (word,) in iter_unpack("<I", data[:whole]):
        scrambled = (word * _MIX) & _MASK
        scrambled ^= scrambled >> 24
        mixed = ((mixed * _MIX) & _MASK) ^ ((scrambled * _MIX) & _MASK)
    if tail := data[whole:]:
        mixed ^= int.from_bytes(tail, "little")
        mixed = (mixed * _MIX) & _MASK
    mixed ^= mixed >> 13
    mixed = (mixed * _MIX) & _MASK
    return mixed ^ (mixed >> 15)


def partition_of(key: bytes, partitions: int) -> int:
    """The partition number, 0 … partitions - 1."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions
