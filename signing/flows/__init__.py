"""
Gather → judge → act, one file per journey.

The official's road in order: desk_sign_in → upload → authorise → carry_out (which calls sign) → desk_session (the end).
Everybody's road: verify.
"""
