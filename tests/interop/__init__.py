"""Other people's software against a running city."""
