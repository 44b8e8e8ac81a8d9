"""CMP servers for the tests: a strict responder of our own, and OpenSSL's.

The responder reads and writes its messages with pyasn1 alone, so that it shares no code with what it tests.
"""
