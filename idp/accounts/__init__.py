"""
What people prove themselves with. Reading order: assurance (what proofs amount to), usernames, password_rules,
passwords, totp, factors (the tuple that new factors join).
"""
