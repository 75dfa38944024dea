"""The only SQL of keys. Functions take a Connection first; times are epoch seconds."""
