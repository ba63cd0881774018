-- Tokens that have displays registered for a board.
CREATE TABLE enrolment (
    id TEXT COLLATE "C" PRIMARY KEY,
    -- SHA-256 of the token, which is stored nowhere.
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    board_id TEXT COLLATE "C" NOT NULL REFERENCES board (id),
    created_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    -- How many displays it may have registered, and how many were.
    displays BIGINT NOT NULL,
    used BIGINT NOT NULL,
    revoked_at TIMESTAMPTZ
);

-- Of the token that had it registered; null where there was none.
ALTER TABLE display ADD COLUMN enrolment_id TEXT COLLATE "C";
CREATE INDEX display_enrolled ON display (registered_at) WHERE enrolment_id IS NOT NULL;

-- Said that the configuration names no board for new displays; it names none any more.
DELETE FROM alarm WHERE kind = 'displays' AND closed_at IS NULL;
