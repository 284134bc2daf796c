"""What operators decide: topics and where they are first read, lanes that refuse, dead letters, what is published."""
