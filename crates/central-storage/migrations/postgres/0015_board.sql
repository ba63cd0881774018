-- Towns, their boards, and where the boards' notices come from.
CREATE TABLE town (
    id TEXT COLLATE "C" PRIMARY KEY,
    -- By language, in JSON.
    name TEXT COLLATE "C" NOT NULL
);

CREATE TABLE board (
    id TEXT COLLATE "C" PRIMARY KEY,
    town_id TEXT COLLATE "C" NOT NULL REFERENCES town (id),
    -- Whether it is published and shown.
    enabled BOOLEAN NOT NULL,
    -- In JSON.
    settings TEXT COLLATE "C" NOT NULL
);
CREATE INDEX board_by_town ON board (town_id);

CREATE TABLE source (
    id TEXT COLLATE "C" PRIMARY KEY,
    board_id TEXT COLLATE "C" NOT NULL REFERENCES board (id),
    -- Its place among the sources of its board.
    position BIGINT NOT NULL,
    -- Whether it is polled and its notices are published.
    enabled BOOLEAN NOT NULL,
    -- In JSON.
    settings TEXT COLLATE "C" NOT NULL
);
CREATE INDEX source_by_board ON source (board_id);
