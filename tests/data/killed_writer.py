"""Writers that are killed: after each acknowledged write of a whole case, and at moments nobody chose.

Prints one JSON line per kill: what had been acknowledged, and what the archive held afterwards. The writers are forked
from a process with a single thread, so that each costs milliseconds.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from tests.data.invented import finish_step, new_case, open_archive


def write(folder: Path, acknowledge: int) -> None:
    """Walk cases for ever; a line for each write once it is durable."""
    archive = open_archive(folder)
    while True:
        case = new_case(archive)
        os.write(acknowledge, f"{case.id} 1\n".encode())
        for _ in case.procedure.steps:
            case = finish_step(archive, case)
            os.write(acknowledge, f"{case.id} {case.at} {case.status.value}\n".encode())


def killed_after(folder: Path, acknowledgements: int, delay: float) -> list[str]:
    """What a writer had acknowledged when it was killed, `delay` seconds after so many lines."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(source)
            write(folder, sink)
        finally:
            # Whatever happens, the child never goes on as a second parent.
            os._exit(1)
    os.close(sink)
    with os.fdopen(source) as lines:
        got = [lines.readline() for _ in range(acknowledgements)]
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return [line.strip() for line in got + lines.readlines() if line.endswith("\n")]


def held(folder: Path, acknowledged: list[str]) -> dict[str, object]:
    """What the archive holds of the latest acknowledged state of each case."""
    archive = open_archive(folder)
    missing = []
    for case_id, line in {line.split()[0]: line for line in acknowledged}.items():
        case = archive.case(case_id)
        # The write after the last acknowledged one may have become durable before the kill.
        if case.at < int(line.split()[1]) or (line.endswith("completed") and case.status.value != "completed"):
            missing.append(line)
        if sorted(case.evidence) != [n for n in range(1, 8) if n < case.at or case.status.value == "completed"]:
            missing.append(f"{line}: evidence {sorted(case.evidence)}")
    result = archive.verify()
    archive.close()
    return {"acknowledged": len(acknowledged), "missing": missing, "ok": result.ok, "rows": result.rows}


def main() -> None:
    """Kill after each of the eight writes of a case, then at random moments."""
    folder = Path(sys.argv[1])
    chance = random.Random(19)  # noqa: S311  # moments, not keys
    trials = [(n, 0.0) for n in range(0, 10)] + [(chance.randrange(12), chance.random() / 200) for _ in range(25)]
    for acknowledgements, delay in trials:
        print(json.dumps(held(folder, killed_after(folder, acknowledgements, delay))), flush=True)


if __name__ == "__main__":
    main()
