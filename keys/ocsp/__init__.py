"""
The OCSP responder: `request` (read and refuse) → `answer` (what is said of each certificate, signed) → `response` (the
frame around it, or one of the errors of the protocol). `reading` takes DER apart, `unit` is who signs.

Source: RFC 6960; RFC 9654 (nonce); RFC 5019 (what caches may keep).
"""
