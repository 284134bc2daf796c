"""The kinds of condition and of earning a programme can use: one kind, one short module, one pure function.

A condition is a frozen value with `test()`, which compiles it to a closure (activity, standing) -> bool, and
`failure(activity, standing)`, which says in a `Failure` why it does not hold, for `member explain`.
An earning is a frozen value with `base()`, which compiles it to a closure data -> (numerator, denominator) or None.
"""
