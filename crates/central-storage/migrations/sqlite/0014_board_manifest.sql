-- Manifests are addressed to boards, so that one serves every display of a board. Of those that were addressed to
-- displays the largest number stays, since numbers only grow; without bytes it is signed anew when it is asked for.
CREATE TABLE board_manifest (
    board_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    publication_id INTEGER NOT NULL REFERENCES publication (id),
    -- The envelope as it travels.
    bytes BLOB NOT NULL,
    PRIMARY KEY (board_id, number)
) WITHOUT ROWID;
INSERT INTO board_manifest
SELECT board_id, max(number), max(manifest.created_at), max(publication_id), X''
FROM manifest JOIN display ON display.id = display_id GROUP BY board_id;
DROP TABLE manifest;
ALTER TABLE board_manifest RENAME TO manifest;
CREATE INDEX manifest_by_publication ON manifest (publication_id);

-- What is a display's own, as it was last signed.
CREATE TABLE assignment (
    display_id TEXT PRIMARY KEY REFERENCES display (id),
    number INTEGER NOT NULL,
    -- The envelope as it travels.
    bytes BLOB NOT NULL
) WITHOUT ROWID;
