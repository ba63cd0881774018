-- What was made of a document, by the hash of its bytes: once, however many publishers offer it.
CREATE TABLE preparation (
    hash TEXT PRIMARY KEY,
    -- Which version of the preparing code made it; 0 while it is made for the first time.
    method INTEGER NOT NULL DEFAULT 0,
    pages INTEGER,
    text_hash TEXT,
    text_size_bytes INTEGER,
    -- Whether pages wait to be recognised from their pictures.
    recognise INTEGER NOT NULL DEFAULT 0,
    -- Who is at it has it until then; attempts that came to no end are counted.
    claimed_until TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    prepared_at TEXT,
    error TEXT
) WITHOUT ROWID;
CREATE INDEX document_by_hash ON document (hash) WHERE wanted = 1;
