-- The town that an entry concerns; null for what concerns the union or the service.
ALTER TABLE audit ADD COLUMN town_id TEXT;
UPDATE audit SET town_id = (SELECT town_id FROM board WHERE board.id = CASE action
WHEN 'board.save' THEN subject
WHEN 'display.register' THEN (SELECT board_id FROM display WHERE display.id = subject)
WHEN 'hold.accept' THEN (SELECT board_id FROM source JOIN hold ON hold.source_id = source.id
WHERE subject = hold.source_id || '/' || hold.id) END);
CREATE INDEX audit_by_town ON audit (town_id, id);
