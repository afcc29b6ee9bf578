"""Contexts: what a program makes itself, and what the store makes."""

from __future__ import annotations

from dataclasses import replace

import loopstate


def test_a_context_made_of_a_name_alone_is_the_one_that_a_new_user_gets(here: loopstate.Store) -> None:
    made = here.push(loopstate.Context("ada"))
    assert made == replace(here.get_or_init("grace"), pubkey="ada", updated_at=made.updated_at)


def test_what_a_context_does_not_say_is_the_default(here: loopstate.Store) -> None:
    made = here.push(loopstate.Context("ada", vault=loopstate.Vault(cred_balance=250)))
    assert (made.vault, made.preferences) == (loopstate.Vault(cred_balance=250), loopstate.Preferences())
