"""House rules as tests: what a machine can check is not argued about. `tree.py` lists the files they look at."""
