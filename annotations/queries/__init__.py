"""Every read, with its joins; a bounded number of statements each."""
