"""What may happen between an office and the centre, each drawn by chance."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random

from data import bundles, checkpoints, exchange
from data.bundle_header import Header, named_rows
from data.checkpoints import Head
from data.exchange_errors import ExchangeError
from data.merkle import Frontier, leaf_hash
from data.receipt_book import Verdict
from tests.proofs.sync.world import World

Act = Callable[[World, Random], None]


def work(world: World, random: Random) -> None:
    """The office works."""
    world.write(random.randint(1, 9))


def export(world: World, random: Random) -> None:
    """What is due goes onto the stick, which may be pulled out at any moment."""
    with world.luck(random):
        exchange.export(world.outbox, world.stick, world.card, again=random.random() < 0.1)


def keep(world: World, random: Random) -> None:
    """Somebody copies the stick into a drawer."""
    for path in world.stick.folder.iterdir():
        (world.drawer / path.name).write_bytes(path.read_bytes())


def carry(world: World, random: Random) -> None:
    """The stick gets to the centre: some files are lost, some come twice, old ones from the drawer come along."""
    files = [path for path in files_in(world.stick.folder) if random.random() < 0.7]
    files += [path for path in files_in(world.drawer) if random.random() < 0.2]
    random.shuffle(files)
    for path in files:
        content = path.read_bytes()
        arrive(world, _dropped(path.name, content, random), content)
    if random.random() < 0.3:
        _lose(world.stick.folder, random)


def spoil(world: World, random: Random) -> None:
    """A file is damaged on the way, or something quite different lies on the stick."""
    files = files_in(world.stick.folder) or files_in(world.drawer)
    content = bytearray(random.choice(files).read_bytes() if files else b"x" * 100)
    match random.randrange(3):
        case 0:
            del content[random.randrange(len(content)) :]
        case 1:
            content[random.randrange(len(content))] ^= 1 << random.randrange(8)
        case _:
            content = bytearray(random.randbytes(random.randrange(400)))
    name = random.choice(files).name if files and random.random() < 0.7 else f"{random.randrange(10**6)}.jpg"
    arrive(world, _dropped(name, bytes(content), random), bytes(content))


def take_in(world: World, random: Random) -> None:
    """The centre passes over its spool; its database may break and its machine stop."""
    with world.luck(random):
        world.worker.run()


def bring_receipt(world: World, random: Random) -> None:
    """A receipt gets to the office: the newest, or an old one from the drawer, or a damaged one."""
    place = world.stick.folder / f"{world.number}.receipt"
    newest = world.spool.folder / "out" / place.name
    if newest.exists():
        (world.drawer / f"{sha256(newest.read_bytes()).hexdigest()[:8]}.receipt").write_bytes(newest.read_bytes())
    known = list(world.drawer.glob("*.receipt"))
    if not known:
        return
    content = (newest if newest.exists() and random.random() < 0.6 else random.choice(known)).read_bytes()
    if random.random() < 0.2:
        content = content[: random.randrange(len(content))]
    place.write_bytes(content)
    collect(world)


def collect(world: World) -> Verdict | None:
    """The office reads the receipt on the stick; what it is told must be true."""
    try:
        verdict = exchange.collect(world.outbox, world.stick, world.card)
    except ExchangeError:
        return None
    if verdict is Verdict.AGREES:
        with world.store.read() as db:
            kept = checkpoints.latest_countersigned(db)
        if kept is not None:
            world.receipts[kept.head.epoch] = max(kept.head.size, world.receipts.get(kept.head.epoch, 0))
            _believe(world, kept.head)
    return verdict


def _believe(world: World, head: Head) -> None:
    """What the office is told to be at the centre must be there at that moment."""
    query = "SELECT count(*) FROM head WHERE office = %s AND epoch = %s AND size >= %s"
    values = [world.number, head.epoch, head.size]
    (count,) = world.database.run(lambda cursor: cursor.execute(query, values).fetchall())[0]
    if not count and not world.has_forgotten:
        world.untrue.append(f"FALSE: a receipt for {head.size} rows that the centre does not have")


def clear_stick(world: World, random: Random) -> None:
    """The stick is lost, or emptied."""
    _lose(world.stick.folder, random)


def keep_copy(world: World, random: Random) -> None:
    """The office makes a backup."""
    world.keep_copy()


def burn(world: World, random: Random) -> None:
    """The office's machine burns down and the backup is put in its place."""
    world.restore(random)


def forge(world: World, random: Random) -> None:
    """With the office's own key somebody signs another history of rows that the centre already has."""
    starts, rows = world.journal()
    here = sum(1 for seq, _ in rows if seq <= world.receipts.get(starts[-1].epoch, 0))
    own = here - starts[-1].first + 1
    if own < 1:
        return
    changed = starts[-1].first + random.randrange(own)
    first = random.randint(starts[-1].first, changed) if random.random() < 0.7 else min(changed + 1, here)
    bodies = [body if seq != changed else b'{"another":%d}' % random.randrange(10**9) for seq, body in rows[:here]]
    tree = Frontier()
    for body in bodies:
        tree = tree.append(leaf_hash(body))
    head = Head(office=world.number, epoch=starts[-1].epoch, size=here, root=tree.root())
    header = Header(
        office=world.number,
        epochs=starts,
        first=first,
        count=here - first + 1,
        note=checkpoints.sign(head, world.key).note,
        key="",
        payload=bytes(32),
    )
    file = bundles.seal(header, bodies[first - 1 :], world.key, world.card.recipients)
    arrive(world, f"{world.number}-1-{first:09}-{here:09}.bundle", file)
    world.spoiled.add(sha256(file).hexdigest())


def forget(world: World, random: Random) -> None:
    """The centre itself is put back: its newest rows of this office are gone."""
    sizes = [
        row[0]
        for row in world.database.run(
            lambda cursor: cursor.execute(
                "SELECT size FROM head WHERE office = %s ORDER BY size", [world.number]
            ).fetchall()
        )
    ]
    if not sizes:
        return
    left = random.choice([0, *sizes])
    for table, column in ((b"head", b"size"), (b"journal_row", b"seq"), (b"epoch_start", b"first")):
        statement = b"DELETE FROM " + table + b" WHERE office = %s AND " + column + b" > %s"
        world.database.run(lambda cursor, s=statement: cursor.execute(s, [world.number, left]))  # type: ignore[misc]  # bound now
    (world.spool.folder / "out" / f"{world.number}.receipt").unlink(missing_ok=True)
    world.receipts.clear()
    world.has_forgotten = True


def files_in(folder: Path) -> list[Path]:
    """The bundles in a folder."""
    return sorted(path for path in folder.iterdir() if named_rows(path.name))


def arrive(world: World, name: str, content: bytes) -> None:
    """A file gets into the spool; whether it is a good one is noted down."""
    (world.inbox / name).write_bytes(content)
    try:
        bundles.opened(content, world.worker.centre.identities)
    except ExchangeError:
        world.spoiled.add(sha256(content).hexdigest())


def _dropped(name: str, content: bytes, random: Random) -> str:
    """The name of a file that comes by the stick, or by the centre's drop."""
    stem, digest = name.partition(".")[0], sha256(content).hexdigest()
    return f"{stem}.{digest[:12]}.bundle" if named_rows(name) and random.random() < 0.5 else name


def _lose(folder: Path, random: Random) -> None:
    for path in list(folder.iterdir()):
        if random.random() < 0.8:
            path.unlink()
