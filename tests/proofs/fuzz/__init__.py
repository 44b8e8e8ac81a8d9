"""Nonsense from cards: mutated and generated inputs, of which each must end in a sound result or in a named error."""
