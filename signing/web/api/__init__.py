"""
`/api/signatures`: the API for applications. `operations.py` is the table: routes, checks and the OpenAPI document come
from it.
"""
