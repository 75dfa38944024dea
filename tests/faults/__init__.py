"""What goes wrong on purpose, against real servers: `make faults`. Long; `make test` runs a short form of it."""
