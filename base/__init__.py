"""
The floor everyone stands on: settings, database, clock, identifiers, audit log, outbox, HTTP client, errors, web shell.

Imports none of the other packages. Reading order: settings → db → clock → ids → errors → texts → log → metrics →
audit → outbox → versions → addresses → http → services → web/.
"""
