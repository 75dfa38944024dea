"""
The same questions to two providers: ours, and npm's oidc-provider as oracle.

A run asks thousands of authorization, pushed and token requests, made from a seed: honest ones, and honest ones with
one to three parameters changed. Each is asked of both over HTTP, and the verdicts are compared. Where they differ, an
entry of docs/divergences-from-oidc-provider.toml must say why; a difference that nobody explained fails the run.

Reading order: __main__.py → questions.py (the grammar) → changes.py (what is changed) → asking.py → explained.py;
clients.py and providers.py hold what both sides know.
"""
