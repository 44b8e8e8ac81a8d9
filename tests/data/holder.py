"""A second program: takes a database's write lock, says `held`, and lets go when its input ends."""

import sys
from pathlib import Path

from data.keys import key_of
from data.sqlcipher import connect

path = Path(sys.argv[1])
database = connect(path, key_of(path), busy_s=5)
database.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
database.rollback()
