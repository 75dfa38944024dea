"""The three roads and the look of every page, in the distribution's Chromium against a running city."""
