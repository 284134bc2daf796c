"""Wire contracts: topics, the events of each, their JSON Schemas, and the fast ways in and out.

`events.decode` turns a record into a `MemberActivity`; `outputs.Emitter` turns what the core decided into records.
"""
