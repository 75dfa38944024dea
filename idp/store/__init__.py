"""The only SQL of the identity provider; every function takes a connection."""
