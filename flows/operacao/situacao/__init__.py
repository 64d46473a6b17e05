"""How every job stands: what the database tells of it, the judgement on that, and the words for it."""
