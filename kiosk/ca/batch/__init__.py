"""The authority of an office without a network: orders and answers travel as files, in a folder or on a stick.

A batch is CMS SignedData of the registration office inside CMS EnvelopedData for the centre, so that a CA operator
opens it with `openssl cms`; an answer is CMS SignedData of the centre, one for each order. Nothing here touches a file.
"""
