"""Reports of an office: what was done, whether it balances, what ends soon, what went wrong."""
