"""The placement of keys is the Java client's."""

from aiokafka.partitioner import murmur2 as aiokafka_murmur2
from hypothesis import given
from hypothesis import strategies as st

from schemas.kafka.partitioner import murmur2, partition_of


@given(st.binary(max_size=70))
def test_it_agrees_with_another_implementation(key: bytes) -> None:
    assert murmur2(key) == aiokafka_murmur2(key)


def test_known_hashes_of_the_java_client() -> None:
    # From UtilsTest.testMurmur2 of Apache Kafka, as signed integers there.
    for key, signed in ((b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)):
        assert murmur2(key) == signed % 2**32


def test_the_sign_is_dropped_before_the_remainder() -> None:
    assert murmur2(b"foobar") >= 2**31
    assert partition_of(b"foobar", 24) == (murmur2(b"foobar") - 2**31) % 24
