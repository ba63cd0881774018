-- A display numbers its answers by outbox: one that lost its outbox begins another, whose numbers are its own.
CREATE TABLE answer_by_outbox (
    display_id TEXT COLLATE "C" NOT NULL REFERENCES display (id),
    -- Empty for a display that knows no outboxes.
    outbox TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    board_id TEXT COLLATE "C" NOT NULL,
    survey TEXT COLLATE "C" NOT NULL,
    question TEXT COLLATE "C" NOT NULL,
    answer TEXT COLLATE "C" NOT NULL,
    -- The day in Prague on which it was given, as far as the display knew.
    day DATE NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (display_id, outbox, number)
);
INSERT INTO answer_by_outbox
SELECT display_id, '', number, board_id, survey, question, answer, day, received_at FROM answer;
DROP TABLE answer;
ALTER TABLE answer_by_outbox RENAME TO answer;
CREATE INDEX answer_by_survey ON answer (board_id, survey, question, answer);
