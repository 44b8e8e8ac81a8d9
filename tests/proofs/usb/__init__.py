"""A card reader on USB, pulled out under way: real kernel, real CCID driver, real PC/SC service, in a small machine.

The machine is emulated by QEMU and made of Debian's own packages; its USB reader passes commands to a training card
that runs beside it.
"""
