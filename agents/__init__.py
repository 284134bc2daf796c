"""What consumes or writes streams: a worker and its parts. What the club decides stands in `engine`."""
