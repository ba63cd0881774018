-- People who sign in to the admin.
CREATE TABLE account (
    id TEXT PRIMARY KEY,
    -- In lower case.
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- cs, de or en
    language TEXT NOT NULL,
    -- Argon2id, as a PHC string.
    password_hash TEXT NOT NULL,
    -- Of the second step of signing in, in base 32; null while there is none.
    totp_secret TEXT,
    -- The time step of the last code that was taken, so that none works twice.
    totp_step INTEGER,
    -- Since when nobody may sign in by it; null while one may.
    disabled_at TEXT,
    created_at TEXT NOT NULL
);

CREATE TABLE account_role (
    account_id TEXT NOT NULL REFERENCES account (id),
    role TEXT NOT NULL,
    -- Null for the union, which is every town.
    town_id TEXT REFERENCES town (id)
);
CREATE UNIQUE INDEX account_role_of_union ON account_role (account_id, role) WHERE town_id IS NULL;
CREATE UNIQUE INDEX account_role_of_town ON account_role (account_id, role, town_id)
WHERE town_id IS NOT NULL;

CREATE TABLE session (
    id TEXT PRIMARY KEY,
    -- SHA-256 of the token in the browser, which is stored nowhere.
    token_hash TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id),
    created_at TEXT NOT NULL,
    -- To the minute.
    used_at TEXT NOT NULL,
    -- When it ends however much it is used.
    ends_at TEXT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE INDEX session_by_account ON session (account_id);

-- Sign-ins whose password was right and whose code is still to come.
CREATE TABLE pending_sign_in (
    token_hash TEXT PRIMARY KEY,
    account_id TEXT NOT NULL UNIQUE REFERENCES account (id),
    ends_at TEXT NOT NULL,
    -- The secret that is offered where the account has none yet.
    totp_offer TEXT NOT NULL
);

CREATE TABLE invitation (
    id TEXT PRIMARY KEY,
    -- SHA-256 of the token in the link.
    token_hash TEXT NOT NULL UNIQUE,
    -- Empty where whoever has the link says it.
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    town_id TEXT REFERENCES town (id),
    language TEXT NOT NULL,
    -- Whose password it sets anew; null where it makes an account.
    account_id TEXT REFERENCES account (id),
    -- The account that made it, with which it ends; null where a command or the service did.
    created_by TEXT,
    created_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    used_at TEXT
);

-- Failed attempts to sign in since the last success, by account or by network of the client.
CREATE TABLE sign_in_failure (
    subject TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at TEXT NOT NULL,
    -- The failure before, which is the last one again where an attempt turns out to be none.
    previous_at TEXT NOT NULL,
    locked_until TEXT NOT NULL
);

-- Forms that were sent, so that none counts twice.
CREATE TABLE used_form (
    id TEXT PRIMARY KEY,
    used_at TEXT NOT NULL
);
