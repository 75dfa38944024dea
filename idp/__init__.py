"""
Who you are: protocol, grants, accounts, sessions, consent, organisations.

Reading order: protocol/steps.py (the authorization endpoint on one screen) → flows/ → oauth/ → accounts/ → store/ →
web/.
"""
