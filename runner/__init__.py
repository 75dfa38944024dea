"""
The commands that run and look after an installation: `antin run`, its child processes, `config`, `doctor`, `audit`.

What the product consists of is known to wsgi.py alone; these files ask it. Reading order: roads → children → running →
care.
"""
