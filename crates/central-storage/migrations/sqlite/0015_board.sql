-- Towns, their boards, and where the boards' notices come from.
CREATE TABLE town (
    id TEXT PRIMARY KEY,
    -- By language, in JSON.
    name TEXT NOT NULL
);

CREATE TABLE board (
    id TEXT PRIMARY KEY,
    town_id TEXT NOT NULL REFERENCES town (id),
    -- Whether it is published and shown.
    enabled INTEGER NOT NULL,
    -- In JSON.
    settings TEXT NOT NULL
);
CREATE INDEX board_by_town ON board (town_id);

CREATE TABLE source (
    id TEXT PRIMARY KEY,
    board_id TEXT NOT NULL REFERENCES board (id),
    -- Its place among the sources of its board.
    position INTEGER NOT NULL,
    -- Whether it is polled and its notices are published.
    enabled INTEGER NOT NULL,
    -- In JSON.
    settings TEXT NOT NULL
);
CREATE INDEX source_by_board ON source (board_id);
