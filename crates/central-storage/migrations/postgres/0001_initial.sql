-- What central knows of a source between polls.
CREATE TABLE source_state (
    source_id TEXT COLLATE "C" PRIMARY KEY,
    -- Grows with every change of the source's notices; a writer that saw another version starts again.
    version BIGINT NOT NULL DEFAULT 0,
    -- When a poll was first and last believed.
    applied_at TIMESTAMPTZ,
    polled_at TIMESTAMPTZ,
    next_poll_at TIMESTAMPTZ,
    failures BIGINT NOT NULL DEFAULT 0,
    last_error TEXT COLLATE "C",
    etag TEXT COLLATE "C",
    last_modified TEXT COLLATE "C",
    -- The feed's bytes as last received.
    snapshot_hash TEXT COLLATE "C",
    -- The board as the source describes it, in JSON.
    board TEXT COLLATE "C",
    warnings BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE notice (
    id TEXT COLLATE "C" PRIMARY KEY,
    source_id TEXT COLLATE "C" NOT NULL,
    feed_key TEXT COLLATE "C" NOT NULL,
    -- live, withdrawn, or replaced (its publisher reused the identifier for another notice)
    state TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    missing_since TIMESTAMPTZ,
    withdrawn_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX notice_by_key ON notice (source_id, feed_key) WHERE state <> 'replaced';
CREATE INDEX notice_by_source ON notice (source_id, state);

CREATE TABLE revision (
    notice_id TEXT COLLATE "C" NOT NULL REFERENCES notice (id),
    number BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    -- What the feed says, normalised, in JSON.
    facts TEXT COLLATE "C" NOT NULL,
    -- The bytes of its documents in the order of the facts, in JSON; null where missing.
    contents TEXT COLLATE "C" NOT NULL,
    -- What the feed says, as received.
    raw TEXT COLLATE "C" NOT NULL,
    salt TEXT COLLATE "C" NOT NULL,
    -- When it was first part of a publication; from then on it never changes.
    published_at TIMESTAMPTZ,
    PRIMARY KEY (notice_id, number)
);

-- A document at its publisher.
CREATE TABLE document (
    source_id TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    wanted BOOLEAN NOT NULL,
    hash TEXT COLLATE "C",
    size_bytes BIGINT,
    media_type TEXT COLLATE "C",
    etag TEXT COLLATE "C",
    last_modified TEXT COLLATE "C",
    checked_at TIMESTAMPTZ,
    next_attempt_at TIMESTAMPTZ NOT NULL,
    failures BIGINT NOT NULL DEFAULT 0,
    last_error TEXT COLLATE "C",
    PRIMARY KEY (source_id, url)
);
CREATE INDEX document_due ON document (next_attempt_at) WHERE wanted;

-- A poll that is not believed, or not wholly.
CREATE TABLE hold (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    -- The notices concerned, as JSON lists of their ids.
    gone TEXT COLLATE "C" NOT NULL,
    blanked TEXT COLLATE "C" NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    -- Since when and through how many polls it stands unchanged.
    since TIMESTAMPTZ NOT NULL,
    polls BIGINT NOT NULL,
    snapshot_hash TEXT COLLATE "C" NOT NULL,
    closed_at TIMESTAMPTZ,
    -- healed, accepted, matured or superseded
    outcome TEXT COLLATE "C"
);
CREATE UNIQUE INDEX hold_open ON hold (source_id) WHERE closed_at IS NULL;

CREATE TABLE audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL
);

-- The sections of a board from some moment on.
CREATE TABLE publication (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    board_id TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    -- The four sections' hashes and sizes, in JSON.
    sections TEXT COLLATE "C" NOT NULL,
    -- When the next notice of it ends.
    changes_at TIMESTAMPTZ
);
CREATE INDEX publication_by_board ON publication (board_id, id);

-- Everything a publication names; kept for the newest few.
CREATE TABLE publication_content (
    publication_id BIGINT NOT NULL REFERENCES publication (id),
    hash TEXT COLLATE "C" NOT NULL,
    size_bytes BIGINT NOT NULL,
    media_type TEXT COLLATE "C",
    PRIMARY KEY (publication_id, hash)
);

CREATE TABLE display (
    id TEXT COLLATE "C" PRIMARY KEY,
    public_key TEXT COLLATE "C" NOT NULL,
    board_id TEXT COLLATE "C" NOT NULL,
    registered_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE manifest (
    display_id TEXT COLLATE "C" NOT NULL REFERENCES display (id),
    number BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    publication_id BIGINT NOT NULL REFERENCES publication (id),
    bytes BYTEA NOT NULL,
    PRIMARY KEY (display_id, number)
);
