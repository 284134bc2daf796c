"""What a person runs or looks at: command line, API and dashboard, audit, administration, simulator, demonstration."""
