"""
The time-stamp authority: `request` (read and refuse) → `token` (TSTInfo, CMS, signature) → `response` (granted or not).

Source: RFC 3161 with RFC 5816 (ESSCertIDv2); ETSI EN 319 422 (profile).
"""
