"""Commands of the identity provider: `antin client …`, `antin user …`."""
