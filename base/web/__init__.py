"""
The web shell that all pages share: layout and design tokens, languages, security headers, CSRF, error and front pages,
health and metrics, and `edge.py`, the framework-free request and response of the hot endpoints.

Reading order: shell → texts → cookies → csrf → headers → pages → ways → assets → fonts → health → front → edge.
"""
