-- What each display told last about itself. Written by the second, and no record of anything: a lost row comes again.
CREATE TABLE display_status (
    display_id TEXT PRIMARY KEY REFERENCES display (id) ON DELETE CASCADE,
    -- The display's own, which grows.
    number INTEGER NOT NULL,
    -- By central's clock.
    heard_at TEXT NOT NULL,
    -- The worst that it says, in one word, and since when that is so.
    state TEXT NOT NULL,
    state_since TEXT NOT NULL,
    -- As it came, in JSON.
    status TEXT NOT NULL
) WITHOUT ROWID;
