-- When the engines were last asked about a document.
ALTER TABLE preparation ADD COLUMN examined_at TIMESTAMPTZ;
UPDATE preparation SET examined_at = prepared_at WHERE examination IS NOT NULL;
-- The text of what is drawn in a document's place is that of its rendition.
UPDATE preparation SET method = 0 WHERE rendition_hash IS NOT NULL;
