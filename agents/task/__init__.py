"""One protocol for whatever keeps rows in a changelog: a lane, and the coordinator.

Read in this order: `spec` (which task it is, and where its topics are), `opening` (fence, recover, check), `recovery`,
`checks` and `same_end` (what must be true before it goes on), `commit` (a transaction of an open task), `ownership`
(whose it is), `refusal` (why it ends, and the way out). What a task does with its records is no part of it."""
