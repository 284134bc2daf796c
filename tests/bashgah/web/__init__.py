"""`bashgah web`, over HTTP, on the embedded broker in memory."""
