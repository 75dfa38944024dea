"""
A small city to try the product with: two agency services (relying parties in their own processes), people, documents.

Nothing here is part of the product: the demo runs only with `antin run --demo`. Reading order: settings, sites, people,
seed, relying_party, attributes, records, portal, onestop, documents.
"""
