"""One file per generated page: where its facts are found in the code, and how they are laid out."""
