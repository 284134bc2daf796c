"""The message broker as the club sees it: `interface` is the specification, `opening` picks an implementation."""
