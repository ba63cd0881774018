-- What each display told last about itself. Written by the second, and no record of anything: a lost row comes again.
CREATE TABLE display_status (
    display_id TEXT COLLATE "C" PRIMARY KEY REFERENCES display (id) ON DELETE CASCADE,
    -- The display's own, which grows.
    number BIGINT NOT NULL,
    -- By central's clock.
    heard_at TIMESTAMPTZ NOT NULL,
    -- The worst that it says, in one word, and since when that is so.
    state TEXT COLLATE "C" NOT NULL,
    state_since TIMESTAMPTZ NOT NULL,
    -- As it came, in JSON.
    status TEXT COLLATE "C" NOT NULL
);
