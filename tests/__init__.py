"""The tests of Serialdock, and the ground they stand on."""
