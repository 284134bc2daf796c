"""What a person runs or looks at: command line, API, dashboard, audit, administration, `score`, trials."""
