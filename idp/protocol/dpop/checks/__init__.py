"""Rules about a DPoP proof whose signature was checked. One file each; the order is in ../proof.py."""
