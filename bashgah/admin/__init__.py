"""What operators decide: lanes that refuse, dead letters, versions of the programme."""
