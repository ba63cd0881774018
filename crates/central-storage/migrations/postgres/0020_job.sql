-- Background work: what is due, and who does it until when.
CREATE TABLE job (
    -- poll, fetch, publish, forget, read, recognise or draw
    kind TEXT COLLATE "C" NOT NULL,
    -- What the kind works on: a source, a board, the hash of a document, or nothing.
    key TEXT COLLATE "C" NOT NULL,
    -- Whose turn it uses up; null for a job of the service itself.
    town_id TEXT COLLATE "C",
    -- When it is due; null while it is due only when it is scheduled again.
    run_at TIMESTAMPTZ,
    -- Until when it is leased; null while nobody does it.
    leased_until TIMESTAMPTZ,
    -- The last lease: numbers only grow, so that a late holder cannot finish what another has leased since.
    lease BIGINT NOT NULL DEFAULT 0,
    -- Leases since the last success.
    attempts BIGINT NOT NULL DEFAULT 0,
    -- Why the last attempt failed.
    error TEXT COLLATE "C",
    PRIMARY KEY (kind, key)
);
CREATE INDEX job_due ON job (kind, leased_until, run_at);

-- When a town last had its turn; what belongs to no town has one of its own, without a name.
CREATE TABLE job_turn (
    kind TEXT COLLATE "C" NOT NULL,
    town_id TEXT COLLATE "C" NOT NULL,
    leased_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (kind, town_id)
);

INSERT INTO job (kind, key, town_id, run_at)
SELECT 'poll', source_id, town_id, next_poll_at FROM source_state
LEFT JOIN source ON source.id = source_id LEFT JOIN board ON board.id = board_id
WHERE next_poll_at IS NOT NULL;
ALTER TABLE source_state DROP COLUMN next_poll_at;

-- Claims of a program that has ended.
ALTER TABLE preparation DROP COLUMN claimed_until;
ALTER TABLE preparation DROP COLUMN attempts;
