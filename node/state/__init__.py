"""State on disk: flat accounts and storage, tries by path, append-only history."""
