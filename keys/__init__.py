"""
Custody and PKI: keys sign, they never travel.

Everybody outside uses `keys.api` (class Keys), `keys.handles`, `keys.settings` and `keys.errors`; wsgi.py also uses
`keys.services`, `keys.cli`, `keys.models` and `keys.web`.

Reading order: `handles` and `api` (what is offered) → `lifecycle/` (pure rules: states, rotation, activations) →
`sealing`, `backends/` (custody) → `jose` (tokens) → `ca/`, `tsa/` (certificates, CRLs, time stamps) → `flows/` (each
journey) → `store/` (the only SQL) → `web/`, `cli`.

Layers, high to low: web | cli > services > api > flows > keyring > store > models > ca | tsa | jose | sole_control >
backends > sealing > lifecycle > handles > events | errors | settings.
"""
