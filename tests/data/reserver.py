"""A second program at the same register: reserves the orders it is told of and prints the serials that stand."""

import sys
from pathlib import Path

from tests.data.test_authority_register import entry, open_register

register = open_register(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    print(register.reserve(entry(number, serial=f"{sys.argv[2]}{number:04x}")).serial)
register.close()
