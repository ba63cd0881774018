-- Why the last attempt to fetch a document failed, in JSON; null after one that did not.
ALTER TABLE document ADD COLUMN missing TEXT;
-- The time of change that a publisher states is no longer asked by: files are replaced with an older time.
ALTER TABLE document DROP COLUMN last_modified;
