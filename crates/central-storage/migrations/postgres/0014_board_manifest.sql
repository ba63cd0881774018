-- Manifests are addressed to boards, so that one serves every display of a board. Of those that were addressed to
-- displays the largest number stays, since numbers only grow; without bytes it is signed anew when it is asked for.
CREATE TABLE board_manifest (
    board_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    publication_id BIGINT NOT NULL REFERENCES publication (id),
    -- The envelope as it travels.
    bytes BYTEA NOT NULL,
    PRIMARY KEY (board_id, number)
);
INSERT INTO board_manifest
SELECT board_id, max(number), max(manifest.created_at), max(publication_id), ''::BYTEA
FROM manifest JOIN display ON display.id = display_id GROUP BY board_id;
DROP TABLE manifest;
ALTER TABLE board_manifest RENAME TO manifest;
CREATE INDEX manifest_by_publication ON manifest (publication_id);

-- What is a display's own, as it was last signed.
CREATE TABLE assignment (
    display_id TEXT COLLATE "C" PRIMARY KEY REFERENCES display (id),
    number BIGINT NOT NULL,
    -- The envelope as it travels.
    bytes BYTEA NOT NULL
);
