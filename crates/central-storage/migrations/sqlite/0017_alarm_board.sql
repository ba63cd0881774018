-- The board that an alarm concerns, so that towns see their own; NULL for what concerns the service as a whole. Open alarms
-- get it when they are raised again.
ALTER TABLE alarm ADD COLUMN board_id TEXT;
