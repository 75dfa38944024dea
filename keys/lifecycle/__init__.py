"""Pure rules: the states of a key, when it rotates, and what makes a signature activation acceptable. No I/O here."""
