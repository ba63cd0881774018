-- What central knows of a source between polls.
CREATE TABLE source_state (
    source_id TEXT PRIMARY KEY,
    -- Grows with every change of the source's notices; a writer that saw another version starts again.
    version INTEGER NOT NULL DEFAULT 0,
    -- When a poll was first and last believed.
    applied_at TEXT,
    polled_at TEXT,
    next_poll_at TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    etag TEXT,
    last_modified TEXT,
    -- The feed's bytes as last received.
    snapshot_hash TEXT,
    -- The board as the source describes it, in JSON.
    board TEXT,
    warnings INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE notice (
    id TEXT PRIMARY KEY,
    source_id TEXT NOT NULL,
    feed_key TEXT NOT NULL,
    -- live, withdrawn, or replaced (its publisher reused the identifier for another notice)
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    missing_since TEXT,
    withdrawn_at TEXT
);
CREATE UNIQUE INDEX notice_by_key ON notice (source_id, feed_key) WHERE state <> 'replaced';
CREATE INDEX notice_by_source ON notice (source_id, state);

CREATE TABLE revision (
    notice_id TEXT NOT NULL REFERENCES notice (id),
    number INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    -- What the feed says, normalised, in JSON.
    facts TEXT NOT NULL,
    -- The bytes of its documents in the order of the facts, in JSON; null where missing.
    contents TEXT NOT NULL,
    -- What the feed says, as received.
    raw TEXT NOT NULL,
    salt TEXT NOT NULL,
    -- When it was first part of a publication; from then on it never changes.
    published_at TEXT,
    PRIMARY KEY (notice_id, number)
);

-- A document at its publisher.
CREATE TABLE document (
    source_id TEXT NOT NULL,
    url TEXT NOT NULL,
    wanted INTEGER NOT NULL,
    hash TEXT,
    size_bytes INTEGER,
    media_type TEXT,
    etag TEXT,
    last_modified TEXT,
    checked_at TEXT,
    next_attempt_at TEXT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    PRIMARY KEY (source_id, url)
);
CREATE INDEX document_due ON document (next_attempt_at) WHERE wanted = 1;

-- A poll that is not believed, or not wholly.
CREATE TABLE hold (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    -- The notices concerned, as JSON lists of their ids.
    gone TEXT NOT NULL,
    blanked TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    -- Since when and through how many polls it stands unchanged.
    since TEXT NOT NULL,
    polls INTEGER NOT NULL,
    snapshot_hash TEXT NOT NULL,
    closed_at TEXT,
    -- healed, accepted, matured or superseded
    outcome TEXT
);
CREATE UNIQUE INDEX hold_open ON hold (source_id) WHERE closed_at IS NULL;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);

-- The sections of a board from some moment on.
CREATE TABLE publication (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    board_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    -- The four sections' hashes and sizes, in JSON.
    sections TEXT NOT NULL,
    -- When the next notice of it ends.
    changes_at TEXT
);
CREATE INDEX publication_by_board ON publication (board_id, id);

-- Everything a publication names; kept for the newest few.
CREATE TABLE publication_content (
    publication_id INTEGER NOT NULL REFERENCES publication (id),
    hash TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    media_type TEXT,
    PRIMARY KEY (publication_id, hash)
) WITHOUT ROWID;

CREATE TABLE display (
    id TEXT PRIMARY KEY,
    public_key TEXT NOT NULL,
    board_id TEXT NOT NULL,
    registered_at TEXT NOT NULL
);

CREATE TABLE manifest (
    display_id TEXT NOT NULL REFERENCES display (id),
    number INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    publication_id INTEGER NOT NULL REFERENCES publication (id),
    bytes BLOB NOT NULL,
    PRIMARY KEY (display_id, number)
) WITHOUT ROWID;
