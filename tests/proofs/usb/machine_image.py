"""Builds the machine: a kernel, and a root file system in memory with Python, pcscd, libccid, udev, our hardware.

The packages come through the machine's own apt, into a folder of ours; nothing is installed here.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.services.requirement import missing

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("python3", "python3-pyscard", "python3-cryptography", "python3-asn1crypto", "pcscd", "libccid", "udev",
            "busybox-static", "linux-image-amd64")  # fmt: skip
NOT_NEEDED = ("perl", "libperl", "adduser", "passwd", "debconf", "dpkg", "initramfs", "usrmerge", "coreutils",
              "linux-image", "linux-base", "logsave", "libdb5", "gcc-12-base")  # fmt: skip
"""Beginnings of packages that the others only want while they are installed."""
MODULES = ("usb-common", "usbcore", "xhci-hcd", "xhci-pci")
"""For USB, in the order they are loaded."""
PROGRAM = "tests.proofs.usb.inside"
INIT = """#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
for module in {modules}; do /bin/busybox insmod /modules/$module.ko; done
export PATH=/usr/sbin:/usr/bin:/sbin:/bin PYTHONPATH=/kiosk PYTHONDONTWRITEBYTECODE=1
/lib/systemd/systemd-udevd --daemon
udevadm trigger
udevadm settle
cd /kiosk
python3 -m {program} > /dev/ttyS0 2>&1
/bin/busybox poweroff -f
"""


def build(
    folder: Path,
    *,
    packages: Sequence[str] = PACKAGES,
    modules: Sequence[str] = MODULES,
    program: str = PROGRAM,
) -> tuple[Path, Path]:
    """Kernel and root file system, made in `folder`; the machine runs the Python module `program` and ends with it.

    Raises `ServiceMissing` where apt has no such packages.
    """
    for tool in ("apt-get", "dpkg-deb", "cpio"):
        if shutil.which(tool) is None:
            raise missing(tool)
    fetched = _fetch(folder / "packages", packages)
    root, kernel = folder / "root", folder / "kernel"
    _extract([one for one in fetched if not one.name.startswith(NOT_NEEDED)], root)
    _extract([one for one in fetched if one.name.startswith("linux-image-") and "-amd64_" in one.name], kernel)
    _furnish(root, kernel, modules, program)
    return next((kernel / "boot").glob("vmlinuz-*")), _packed(root, folder / "root.cpio.gz")


def _fetch(folder: Path, packages: Sequence[str]) -> list[Path]:
    """Download the packages with all they depend on, as if nothing were installed."""
    (folder / "partial").mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    options = {
        "Dir::State::status": folder / "status",
        "Dir::Cache::archives": folder,
        "Debug::NoLocking": "1",
    }
    settings = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    done = subprocess.run(
        ["apt-get", "-qq", "-y", *settings, "--no-install-recommends", "--download-only", "install", *packages],
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode != 0:
        raise missing(f"Debian's packages for the machine: {done.stderr.strip()[-300:]}")
    return sorted(folder.glob("*.deb"))


def _extract(packages: Sequence[Path], root: Path) -> None:
    root.mkdir(exist_ok=True)
    for package in packages:
        subprocess.run(["dpkg-deb", "--extract", str(package), str(root)], check=True, timeout=120)


def _furnish(root: Path, kernel: Path, modules: Sequence[str], program: str) -> None:
    """What is ours: the hardware room, the program among the tests, the kernel's modules, the first process."""
    for folder in ("proc", "sys", "dev", "run", "tmp", "kiosk", "modules"):
        (root / folder).mkdir(exist_ok=True)
    for heavy in ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/i18n"):
        shutil.rmtree(root / heavy, ignore_errors=True)
    for room in ("hardware", "tests"):
        shutil.copytree(ROOT / room, root / "kiosk" / room, ignore=shutil.ignore_patterns("__pycache__"))
    for module in modules:
        shutil.copy(next((kernel / "lib/modules").rglob(f"{module}.ko")), root / "modules")
    init = root / "init"
    init.write_text(INIT.format(modules=" ".join(modules), program=program))
    init.chmod(0o755)


def _packed(root: Path, archive: Path) -> Path:
    names = subprocess.run(["find", ".", "-print0"], cwd=root, check=True, capture_output=True).stdout
    packed = subprocess.run(
        ["cpio", "--null", "--create", "--format=newc", "--quiet"],
        cwd=root,
        check=True,
        input=names,
        capture_output=True,
    )
    archive.write_bytes(gzip.compress(packed.stdout, 1))
    return archive
