"""The factor library, its resolver, the importers of publishers' own files, hardware names."""
