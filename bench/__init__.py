"""How fast the project writes and syncs, beside what others do with the same rows and reads."""
