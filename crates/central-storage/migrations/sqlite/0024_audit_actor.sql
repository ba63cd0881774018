-- Whether who changed something is a person, a display or a job; null in entries from before, which do not tell.
ALTER TABLE audit ADD COLUMN actor_type TEXT;
