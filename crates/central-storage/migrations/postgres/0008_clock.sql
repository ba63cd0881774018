-- The time last seen, so that a wrong system clock is noticed at the next start. One row.
CREATE TABLE clock (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    seen_at TIMESTAMPTZ NOT NULL
);
