"""The citizen's keypad on a real kernel: only the kiosk hears it, whatever happens to the kiosk or to the keypad.

In an emulated machine with Debian's kernel and udev, the citizen's keypad is a USB keyboard that QEMU presses and pulls
out; the clerk's keyboard is made by `uinput`; the clerk's terminal is the machine's first virtual terminal.
"""
