"""Serving the drop with uvicorn, behind mutual TLS."""

from __future__ import annotations

import ssl
from pathlib import Path

from data.exchange_errors import CarrierFault
from data.registry.drop import AT_ONCE, Drop
from data.registry.spool import Spool


def serve(spool: Spool, host: str, port: int, *, certificate: Path, private_key: Path, offices: Path) -> None:
    """Serve until the process is told to end. `offices` holds the authorities whose certificates may connect.

    Raises `CarrierFault` when it cannot begin.
    """
    try:
        import uvicorn
    except ImportError as error:
        raise CarrierFault("uvicorn is missing: pip install registration-kiosk[registry]") from error
    settings = uvicorn.Config(
        Drop(spool),
        host=host,
        port=port,
        http="h11",
        ws="none",
        lifespan="off",
        ssl_certfile=certificate,
        ssl_keyfile=private_key,
        ssl_ca_certs=str(offices),
        ssl_cert_reqs=ssl.CERT_REQUIRED,
        limit_concurrency=AT_ONCE,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        # Addresses and times of offices are nobody's business; faults still are.
        access_log=False,
        server_header=False,
        log_level="warning",
    )
    try:
        uvicorn.Server(settings).run()
    except (OSError, SystemExit) as error:
        raise CarrierFault(f"the drop cannot serve {host}:{port}") from error
