"""The message broker as the club sees it: `interface` is the specification, `kafka` stands behind it."""
