-- The board of an alarm follows from its subject: a column kept that of before, or none.
ALTER TABLE alarm DROP COLUMN board_id;
