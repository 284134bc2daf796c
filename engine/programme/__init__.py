"""A programme version: what it says, compiled for deciding, and which version was in force when."""
