-- A display numbers its answers by outbox: one that lost its outbox begins another, whose numbers are its own.
CREATE TABLE answer_by_outbox (
    display_id TEXT NOT NULL REFERENCES display (id),
    -- Empty for a display that knows no outboxes.
    outbox TEXT NOT NULL,
    number INTEGER NOT NULL,
    board_id TEXT NOT NULL,
    survey TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    -- The day in Prague on which it was given, as far as the display knew.
    day TEXT NOT NULL,
    received_at TEXT NOT NULL,
    PRIMARY KEY (display_id, outbox, number)
) WITHOUT ROWID;
INSERT INTO answer_by_outbox
SELECT display_id, '', number, board_id, survey, question, answer, day, received_at FROM answer;
DROP TABLE answer;
ALTER TABLE answer_by_outbox RENAME TO answer;
CREATE INDEX answer_by_survey ON answer (board_id, survey, question, answer);
