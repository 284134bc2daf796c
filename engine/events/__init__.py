"""What events do, one family a module: payments, deposits, refunds, membership, commands.

A family's `TYPES` say of each of its types what it does to a member, what it looks at, and how it is explained
(`engine.events.event_type`). `engine.events.registry` puts them together.
"""
