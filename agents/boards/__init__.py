"""The coordinator: one more lane, which makes the club's boards of what the lanes tell and gives awards by rank.

`coordinator` is its synchronous core, `run` its life beside the lanes, `opening` and `resume` how it begins and how an
operator lets it go on, `verify` the proof that what it wrote follows from what it read.
"""
