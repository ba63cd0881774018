-- Since when a board is out of service; null while it is not.
ALTER TABLE board ADD COLUMN disabled_at TEXT;
