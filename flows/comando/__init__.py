"""The one command of the operators, `sincronia`: it looks at what is asked, and only then imports what does it."""
