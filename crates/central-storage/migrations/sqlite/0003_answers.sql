-- Answers of passers-by, as displays numbered them; the same number of the same display is the same answer.
CREATE TABLE answer (
    display_id TEXT NOT NULL REFERENCES display (id),
    number INTEGER NOT NULL,
    board_id TEXT NOT NULL,
    survey TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    -- The day in Prague on which it was given, as far as the display knew.
    day TEXT NOT NULL,
    received_at TEXT NOT NULL,
    PRIMARY KEY (display_id, number)
) WITHOUT ROWID;
CREATE INDEX answer_by_survey ON answer (board_id, survey, question, answer);
