"""
`make mutants`: damaged and forged files of every format and level through the verifier, as a stranger's would go.

None may be accepted that means something else than was signed, none may bring a trace to light, none may go over the
limits. What passes because nothing of its meaning changed is counted by what was done to it.
"""
