"""Faults in reading what is larger than anybody holds: batches as streams, their records, lines of files."""

from tests.mutants.mutant import Mutant

SKIPS = "tests/bashgah/admin/test_skip.py"
BODY = "tests/schemas/kafka/test_batch_body.py"
BATCHES = "tests/schemas/kafka/test_record_batches.py"
FETCH = "tests/agents/broker/kafka/test_bounded_fetch.py"
LARGE = "tests/agents/lanes/test_large_records.py"
LINES = "tests/bashgah/offline/test_event_files.py"

READING = (
    Mutant(
        "reading: a lane that waits for a long batch is taken for one that stands still", "agents/lanes/lane_set.py",
        "if PieceCount.pieces != read:", "if False:",
        ("tests/agents/lanes/test_lane.py::"
         "test_a_lane_that_waits_for_a_long_batch_stands_still_only_once_nothing_of_it_is_read",),
    ),
    Mutant(
        "reading: a damaged head says how far its batch goes", "agents/broker/kafka/bounded_fetch.py",
        "agrees = last - head.base_offset == count - 1 and", "agrees = True or",
        (f"{BATCHES}::test_a_damaged_head_does_not_say_how_far_its_batch_goes[1-last0]",),
    ),
    Mutant(
        "reading: of a batch that is left out the lane comes to the second record next", "bashgah/admin/resume.py",
        "skip.topic: last + 1}", "skip.topic: skip.offset + 1}",
        (f"{SKIPS}::test_a_batch_that_is_not_read_stops_a_lane_behind_what_is_sound_and_is_left_out_whole",),
    ),
    Mutant(
        "reading: the time for reading on begins before what is drawn once more", "schemas/kafka/batch_body.py",
        "        self._until = max(self._until, began + took + max(READING_S_MAX, took))\n", "",
        (f"{BODY}::test_without_room_for_its_decoder_reading_a_batch_costs_a_few_times_as_much_and_ends[zstd]",),
    ),
    Mutant(
        "reading: every decoder with a large window stays open", "schemas/kafka/batch_body.py",
        "if sum(_resting.values()) + held > RESTING_BYTES_MAX:", "if held > RESTING_BYTES_MAX:",
        (f"{BODY}::test_who_came_first_keeps_its_place_and_gives_it_back",),
    ),
    Mutant(
        "reading: a batch is held whole, whatever it grows to", "schemas/kafka/record_batches.py",
        "small = whole(self.codec, self._data[HEAD_BYTES:], PIECE_BYTES_MAX)",
        "small = whole(self.codec, self._data[HEAD_BYTES:], 1 << 40)",
        (
            f"{BATCHES}::test_a_record_over_the_bound_is_passed_over_and_the_others_are_there[value-gzip]",
            f"{FETCH}::test_600_mebibytes_in_a_batch_are_never_held[many-zstd-200]",
        ),
    ),
    Mutant(
        "reading: what stands behind a large record in its batch is lost", "schemas/kafka/record_batches.py",
        "left -= count or 1", "left = left - count if count else 0",
        (f"{BATCHES}::test_a_record_over_the_bound_is_passed_over_and_the_others_are_there[value-none]",),
    ),
    Mutant(
        "reading: a digest leaves out what was passed over first", "schemas/kafka/record_batches.py",
        "    digest.update(start)\n", "",
        (f"{BATCHES}::test_a_record_over_the_bound_is_passed_over_and_the_others_are_there[key-zstd]",),
    ),
    Mutant(
        "reading: damage on the way is not seen", "agents/broker/kafka/bounded_fetch.py",
        "if batch is None or (self._check_crcs and not batch.head.validate_crc()):", "if batch is None:",
        (f"{BATCHES}::test_bytes_that_were_damaged_on_the_way_are_refused_before_they_are_decompressed",),
    ),
    Mutant(
        "reading: a fetch counts records and no bytes", "agents/broker/kafka/bounded_fetch.py",
        "if left <= 0 or len(found) >= count_max:", "if len(found) >= count_max:",
        (f"{FETCH}::test_a_fetch_ends_with_the_record_that_reaches_its_bytes_and_the_next_goes_on_there",),
    ),
    Mutant(
        "reading: a replay goes by no limit on records", "bashgah/audit/replay.py",
        "record_bytes_max=entry.record_bytes_max or _NO_LIMIT,", "record_bytes_max=_NO_LIMIT,",
        (f"{LARGE}::test_the_events_beside_it_count_and_verify_holds_under_another_limit_too",),
    ),
    Mutant(
        "reading: a line of a file is held whatever it unpacks to", "bashgah/offline/event_files.py",
        "line := file.readline(bytes_max + 1)", "line := file.readline()",
        (f"{LINES}::test_a_line_of_200_mebibytes_is_never_held[member.jsonl.xz]",),
    ),
    Mutant(
        "reading: a file of xz has the memory that it asks for", "bashgah/offline/event_files.py",
        "lzma.LZMADecompressor(memlimit=XZ_MEMORY_MAX)", "lzma.LZMADecompressor()",
        (
            f"{LINES}::test_what_is_not_packed_as_it_should_be_is_told_and_nothing_is_taken_for_its_end"
            "[asks for a gibibyte]",
        ),
    ),
)  # fmt: skip
