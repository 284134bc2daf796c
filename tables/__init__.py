"""A partition's state: rows and their bytes, the store that keeps them, watermark, journal and recovery."""
