-- The time last seen, so that a wrong system clock is noticed at the next start. One row.
CREATE TABLE clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seen_at TEXT NOT NULL
);
