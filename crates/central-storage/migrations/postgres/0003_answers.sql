-- Answers of passers-by, as displays numbered them; the same number of the same display is the same answer.
CREATE TABLE answer (
    display_id TEXT COLLATE "C" NOT NULL REFERENCES display (id),
    number BIGINT NOT NULL,
    board_id TEXT COLLATE "C" NOT NULL,
    survey TEXT COLLATE "C" NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    answer TEXT COLLATE "C" NOT NULL,
    -- The day in Prague on which it was given, as far as the display knew.
    day DATE NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (display_id, number)
);
CREATE INDEX answer_by_survey ON answer (board_id, survey, question, answer);
