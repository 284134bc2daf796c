"""What a worker answers about its own members, and its health."""
