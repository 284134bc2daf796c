"""What events do to members' scores in festivals, and who takes part."""
