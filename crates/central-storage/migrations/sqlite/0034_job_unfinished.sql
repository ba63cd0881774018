-- Leases since the last success that left no word: what ends the whole program is told by them.
ALTER TABLE job ADD COLUMN unfinished INTEGER NOT NULL DEFAULT 0;
