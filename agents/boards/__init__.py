"""The coordinator: one more lane, which makes the club's boards of what the lanes tell and gives awards by rank.

`coordinator` is its synchronous core, `coordinator_task` and `host` its life beside the lanes, `spec` what it has of
its own as a task (`agents.task`). `lane_boards`, `reports` and `final_order` are what lanes keep and tell; `live`
publishes boards.
"""
