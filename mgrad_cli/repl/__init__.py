"""A session at the prompt, apart from how it is shown: what is defined, where an entry ends, how a word may go on."""
