"""`bashgah demo`: broker, worker and a simulated bank in one process, and a view of what the club publishes.

`play` puts it together; `folder` is where a demonstration lives; `bank` publishes; `consumer` keeps a ledger of the
club's outputs, `pulse` measures, `scene` is what both know at one moment; `screen` and `lines` show it; `reckoning`
checks the end.
"""
