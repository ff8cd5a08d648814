"""Many submissions: one after another or several at once."""
