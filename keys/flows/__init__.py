"""The journeys of keys, each gather → judge → act. Every act writes its audit event in its own transaction, last."""
