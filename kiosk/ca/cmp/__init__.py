"""The authority behind a network: CMP (RFC 4210, 9480, 9483, 9810), p10cr signed by the registration office.

What we send is written with `kiosk.ca.der`, byte for byte of our choosing; what comes is read with pyasn1, whose only
door is `reading.py`. Nothing here but `transport.py` touches a network.
"""
