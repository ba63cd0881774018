"""Makes the sample town's documents and notices.json. See ../README.md."""
