"""Response types are sets of words; what could hold a token never has the query for its default."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.protocol.profiles import PROFILES, Profile
from idp.protocol.response_types import (
    IMPLICIT,
    RESPONSE_TYPES,
    default_mode,
    name_of,
    response_type_of,
    response_types_offered,
)

WORDS = st.sampled_from(["code", "id_token", "token", "none", "", "Code", "code\ttoken"])


@given(st.lists(WORDS, max_size=5))
def test_a_word_counts_once_and_in_any_order(words: list[str]) -> None:
    found = response_type_of(" ".join(words))
    if found is None:
        assert len(words) != len(set(words)) or frozenset(words) not in {one.words for one in RESPONSE_TYPES}
    else:
        assert sorted(found.words) == sorted(words)
        assert name_of(" ".join(words)) == found.name


@given(st.one_of(st.text(), st.lists(WORDS, max_size=5).map(" ".join)))
def test_the_default_is_the_query_only_where_no_token_was_asked_for(given_type: str) -> None:
    asked = {"token", "id_token"} & set(given_type.split(" "))
    assert default_mode(given_type) == ("fragment" if asked else "query")
    found = response_type_of(given_type)
    assert found is None or found.is_front == (default_mode(given_type) == "fragment")


def test_what_belongs_to_each() -> None:
    for one in RESPONSE_TYPES:
        assert one.has_code == ("authorization_code" in one.grant_types)
        assert one.is_front == (one.has_token or one.has_id_token) == (IMPLICIT in one.grant_types)
        assert one in response_types_offered(front_channel=True)
        assert (one in response_types_offered(front_channel=False)) == (one.name == "code")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_one_profile_alone_has_tokens_in_the_browser(profile: Profile) -> None:
    assert (IMPLICIT in profile.grant_types) == (profile.name == "oidc")
