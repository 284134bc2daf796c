"""Serving HTTP within limits: every server here, a worker's and the API's, stands on this."""
