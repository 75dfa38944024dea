"""One rule of the authorization endpoint per file, each a function of the same name; steps.py has them in order."""
