-- When the engines were last asked about a document.
ALTER TABLE preparation ADD COLUMN examined_at TIMESTAMPTZ;
UPDATE preparation SET examined_at = prepared_at WHERE examination IS NOT NULL;
