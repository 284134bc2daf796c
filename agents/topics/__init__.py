"""What each topic holds, read and written in one place each; and what the broker must be like."""
