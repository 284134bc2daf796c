"""What a worker answers over HTTP, on an internal address only: nothing public runs beside the posting of points."""
