-- Tokens that have displays registered for a board.
CREATE TABLE enrolment (
    id TEXT PRIMARY KEY,
    -- SHA-256 of the token, which is stored nowhere.
    token_hash TEXT NOT NULL UNIQUE,
    board_id TEXT NOT NULL REFERENCES board (id),
    created_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    -- How many displays it may have registered, and how many were.
    displays INTEGER NOT NULL,
    used INTEGER NOT NULL,
    revoked_at TEXT
);

-- Of the token that had it registered; null where there was none.
ALTER TABLE display ADD COLUMN enrolment_id TEXT;
CREATE INDEX display_enrolled ON display (registered_at) WHERE enrolment_id IS NOT NULL;

-- Said that the configuration names no board for new displays; it names none any more.
DELETE FROM alarm WHERE kind = 'displays' AND closed_at IS NULL;
