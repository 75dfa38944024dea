"""Plug-ins of the token endpoint: client authentication (CLIENT_AUTH) and grants (GRANTS); the one door to Authlib."""
