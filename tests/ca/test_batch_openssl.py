"""What a CA's operator does with a batch, by `openssl cms` alone; and that the office reads what openssl writes."""

from __future__ import annotations

import json
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from data.framing import framed, unframed
from data.order_files import ORDERS
from kiosk.ca.batch import cms
from kiosk.ca.batch.entry import entry_id
from kiosk.ca.interface import Issued, WireKind
from kiosk.ca.messages import encode_answer, encode_fields
from tests.ca.test_batch import Round, round_in
from tests.services.batch import utc_now
from tests.services.cmp.orders import certify
from tests.services.cmp.pki import Pki


@pytest.fixture
def carried(tmp_path: Path, pki: Pki) -> Iterator[Round]:
    pki.write(tmp_path)
    with round_in(tmp_path, pki) as made:
        yield made


def openssl(folder: Path, *arguments: str) -> None:
    done = subprocess.run(["openssl", "cms", *arguments], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def opened_by_hand(carried: Round, folder: Path) -> dict[str, object]:
    """Strip the first line, decrypt, verify: the manifest."""
    [path] = [path for path in carried.stick.iterdir() if path.name.endswith(ORDERS)]
    (folder / "batch.der").write_bytes(path.read_bytes().split(b"\n", 1)[1])
    decrypt = "-decrypt -binary -inform DER -in batch.der -recip responder.pem -inkey responder.key -out signed.der"
    openssl(folder, *decrypt.split())
    verify = "-verify -binary -inform DER -in signed.der -CAfile infrastructure.pem -purpose any -out manifest"
    openssl(folder, *verify.split())
    found: dict[str, object] = json.loads((folder / "manifest").read_bytes())
    return found


def test_openssl_opens_and_verifies_a_batch(carried: Round, chip_key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    order = carried.order(chip_key)
    carried.office.export(carried.stick)
    manifest = opened_by_hand(carried, tmp_path)
    assert (manifest["office"], manifest["batch"]) == ("7130", 1)
    [entry] = manifest["orders"]  # type: ignore[misc]  # JSON, compared below
    message = json.loads(entry["message"])  # type: ignore[has-type]
    assert message["csr"] == b64encode(order.csr).decode()
    assert message["subject"]["personal_number"] == order.subject.personal_number
    assert entry["approved"]["clerk"] == "0042"  # type: ignore[has-type]
    assert entry["sha256"] == entry_id(WireKind.ISSUE, entry["message"].encode(), 0)  # type: ignore[has-type]


@pytest.mark.parametrize("attributes", [["-noattr"], []], ids=["plain", "with signed attributes"])
def test_an_operator_answers_with_openssl(
    carried: Round, chip_key: rsa.RSAPrivateKey, tmp_path: Path, attributes: list[str]
) -> None:
    order = carried.order(chip_key)
    carried.office.export(carried.stick)
    manifest = opened_by_hand(carried, tmp_path)
    [entry] = manifest["orders"]  # type: ignore[misc]  # JSON, as the test above holds it
    certificate = certify(carried.pki, order, chip_key.public_key(), utc_now())
    content = encode_answer(order.order_id, certificate).decode()
    fields = {"office": "7130", "to": entry["sha256"], "number": 0, "content": content}  # type: ignore[has-type]
    (tmp_path / "answer").write_bytes(encode_fields(fields))
    sign = "-sign -binary -nodetach -outform DER -signer responder.pem -inkey responder.key -in answer -out answer.der"
    openssl(tmp_path, *sign.split(), *attributes)
    signed = b64encode((tmp_path / "answer.der").read_bytes()).decode()
    (tmp_path / "answers").write_bytes(encode_fields({"receipt": "", "answers": [signed]}))
    encrypt = "-EncryptedData_encrypt -binary -aes-256-cbc -outform DER -in answers -out answers.der -secretkey"
    openssl(tmp_path, *encrypt.split(), str(manifest["reply_key"]))
    [batch] = [path for path in carried.stick.iterdir() if path.name.endswith(ORDERS)]
    name = f"{batch.name.removesuffix(ORDERS)}-0123456789ab.answers"
    (carried.stick / name).write_bytes(framed((tmp_path / "answers.der").read_bytes()))
    taken = carried.office.take(carried.stick)
    assert (taken.answers, taken.bad) == (1, [])
    issued = carried.look(order)
    assert isinstance(issued, Issued) and issued.certificate == certificate


def test_openssl_opens_the_answers(carried: Round, chip_key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    carried.order(chip_key)
    carried.carry()
    manifest = opened_by_hand(carried, tmp_path)
    [path] = [path for path in carried.stick.iterdir() if path.name.endswith(".answers")]
    (tmp_path / "answers.der").write_bytes(unframed(path.read_bytes()))
    decrypt = "-EncryptedData_decrypt -binary -inform DER -in answers.der -out answers -secretkey"
    openssl(tmp_path, *decrypt.split(), str(manifest["reply_key"]))
    assert len(json.loads((tmp_path / "answers").read_bytes())["answers"]) == 1


def test_what_is_not_signed_by_the_key_is_no_message(pki: Pki) -> None:
    for junk in (b"", b"\x30\x00", b"\x30\x80\x00\x00", bytes(200), cms.encrypted(b"x", bytes(32))):
        with pytest.raises(cms.BadCms):
            cms.content_of(junk, [pki.office.certificate], utc_now())
        with pytest.raises(cms.BadCms):
            cms.decrypted(junk, bytes(range(32)))
        with pytest.raises(cms.BadCms):
            cms.unwrapped(junk, pki.office.certificate, pki.office.key)
