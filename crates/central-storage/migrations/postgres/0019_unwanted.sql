-- Since when no live notice has had a document; from then on it is kept for a while. Null while it is wanted.
ALTER TABLE document ADD COLUMN unwanted_since TIMESTAMPTZ;
UPDATE document SET unwanted_since = next_attempt_at WHERE NOT wanted;
DROP INDEX document_unwanted;
CREATE INDEX document_unwanted ON document (unwanted_since) WHERE NOT wanted;
