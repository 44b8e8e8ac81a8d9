"""A PKCS#15 test card in the manner of the MyEID applet, as far as OpenSC's driver uses it. It is not a real card."""
