"""What the command line shows, in words: English and Persian."""
