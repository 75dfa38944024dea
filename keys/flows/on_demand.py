"""A token key of an algorithm that few want: made when the first client registers for it, and rotated from then on."""

from __future__ import annotations

from keys.algorithms import key_algorithm, to_sign_with
from keys.custody import Custody
from keys.errors import KeyRefused
from keys.flows.bootstrap import make_key
from keys.lifecycle.states import ON_DEMAND_ALGORITHMS, TOKEN_ALGORITHMS, Purpose, State


def provide_token_key(custody: Custody, alg: str) -> None:
    """
    See to it that tokens can be signed with this algorithm.

    The key serves at once: whoever asked for it has never met another one of its kind.
    Raises: KeyRefused("wrong_algorithm"): tokens are not signed with it; KeyRefused("not_approved").
    """
    algorithm = to_sign_with(key_algorithm(alg))
    custody.check_permitted(algorithm)
    if algorithm in TOKEN_ALGORITHMS or alg in custody.ring.current().signers:
        return
    if algorithm not in ON_DEMAND_ALGORITHMS:
        raise KeyRefused("wrong_algorithm", debug=f"no tokens in {alg}", status=422)
    make_key(custody, Purpose.TOKEN, algorithm, State.ACTIVE)
    custody.ring.refresh()
