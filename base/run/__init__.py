"""
Processes: what must be true before we start, children and their supervisor, the server, the background worker.

Knows nothing of the product: wsgi.py says which children there are. Reading order: preflight → children → supervisor →
progress → server → background.
"""
