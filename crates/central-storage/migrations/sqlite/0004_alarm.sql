-- What a person has to look into; open until the cause is gone.
CREATE TABLE alarm (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- shortened, damaged …
    kind TEXT NOT NULL,
    -- The board or the content it concerns.
    subject TEXT NOT NULL,
    message TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    closed_at TEXT
);
CREATE UNIQUE INDEX alarm_open ON alarm (kind, subject) WHERE closed_at IS NULL;
