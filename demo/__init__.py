"""The embedded default: everything the flows need, on one machine, for as long as a command runs."""
