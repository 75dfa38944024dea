"""The only SQL and the only files of this package. Every function takes a connection, or the folder it works in."""
