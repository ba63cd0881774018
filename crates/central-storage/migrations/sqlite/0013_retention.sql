-- Stored bytes that nothing names, and since when.
CREATE TABLE unnamed_content (
    hash TEXT PRIMARY KEY,
    since TEXT NOT NULL
) WITHOUT ROWID;

-- By what names bytes …
CREATE INDEX publication_content_by_hash ON publication_content (hash);
CREATE INDEX document_unwanted_by_hash ON document (hash) WHERE NOT wanted;
CREATE INDEX preparation_by_text ON preparation (text_hash);
CREATE INDEX preparation_by_rendition ON preparation (rendition_hash);
CREATE INDEX notice_live ON notice (id, revision) WHERE state = 'live';
-- … and by what makes rows old.
CREATE INDEX document_unwanted ON document (next_attempt_at) WHERE NOT wanted;
CREATE INDEX revision_unpublished ON revision (created_at) WHERE published_at IS NULL;
CREATE INDEX manifest_by_publication ON manifest (publication_id);
