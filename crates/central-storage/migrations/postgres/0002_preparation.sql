-- What was made of a document, by the hash of its bytes: once, however many publishers offer it.
CREATE TABLE preparation (
    hash TEXT COLLATE "C" PRIMARY KEY,
    -- Which version of the preparing code made it; 0 while it is made for the first time.
    method BIGINT NOT NULL DEFAULT 0,
    pages BIGINT,
    text_hash TEXT COLLATE "C",
    text_size_bytes BIGINT,
    -- Whether pages wait to be recognised from their pictures.
    recognise BOOLEAN NOT NULL DEFAULT FALSE,
    -- Who is at it has it until then; attempts that came to no end are counted.
    claimed_until TIMESTAMPTZ,
    attempts BIGINT NOT NULL DEFAULT 0,
    prepared_at TIMESTAMPTZ,
    error TEXT COLLATE "C"
);
CREATE INDEX document_by_hash ON document (hash) WHERE wanted;
