"""The vigia: it sees that something changed in a source, and has the domain's sync started."""
