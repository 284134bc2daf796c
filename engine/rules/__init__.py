"""The kinds of condition and of earning a programme can use: one kind, one short module, one pure function.

A condition is a frozen value with `test()`, which compiles it to a closure (activity, standing) -> bool, and
`failure(activity, standing)`, which says in a `Failure` why it does not hold, for `member explain`. Its class says
under which key of a `when` it stands, what the file gives there, and how it is said: `condition.py`. `registry.py`
lists the kinds. Nothing else knows one by name, so a new kind is its module, its line there, and its test.
An earning is a frozen value with `base()`, which compiles it to a closure data -> (numerator, denominator) or None.
"""
