-- Whether a board, a source or the service is the subject of an alarm: a board and a source may have the same id.
ALTER TABLE alarm ADD COLUMN subject_type TEXT NOT NULL DEFAULT 'source';
UPDATE alarm SET subject_type = 'board'
WHERE kind IN ('coat_of_arms', 'drawing', 'information', 'shortened', 'unreadable');
UPDATE alarm SET subject_type = 'service' WHERE kind IN ('clock', 'damaged', 'displays', 'refused');
DROP INDEX alarm_open;
CREATE UNIQUE INDEX alarm_open ON alarm (kind, subject, subject_type) WHERE closed_at IS NULL;
