"""Journeys, one file each: gather the facts, judge them, act once."""
