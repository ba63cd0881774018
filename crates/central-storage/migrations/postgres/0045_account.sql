-- People who sign in to the admin.
CREATE TABLE account (
    id TEXT COLLATE "C" PRIMARY KEY,
    -- In lower case.
    email TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    -- cs, de or en
    language TEXT COLLATE "C" NOT NULL,
    -- Argon2id, as a PHC string.
    password_hash TEXT COLLATE "C" NOT NULL,
    -- Of the second step of signing in, in base 32; null while there is none.
    totp_secret TEXT COLLATE "C",
    -- The time step of the last code that was taken, so that none works twice.
    totp_step BIGINT,
    -- Since when nobody may sign in by it; null while one may.
    disabled_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE account_role (
    account_id TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    role TEXT COLLATE "C" NOT NULL,
    -- Null for the union, which is every town.
    town_id TEXT COLLATE "C" REFERENCES town (id)
);
CREATE UNIQUE INDEX account_role_of_union ON account_role (account_id, role) WHERE town_id IS NULL;
CREATE UNIQUE INDEX account_role_of_town ON account_role (account_id, role, town_id)
WHERE town_id IS NOT NULL;

CREATE TABLE session (
    id TEXT COLLATE "C" PRIMARY KEY,
    -- SHA-256 of the token in the browser, which is stored nowhere.
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    account_id TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    created_at TIMESTAMPTZ NOT NULL,
    -- To the minute.
    used_at TIMESTAMPTZ NOT NULL,
    -- When it ends however much it is used.
    ends_at TIMESTAMPTZ NOT NULL,
    user_agent TEXT COLLATE "C" NOT NULL
);
CREATE INDEX session_by_account ON session (account_id);

-- Sign-ins whose password was right and whose code is still to come.
CREATE TABLE pending_sign_in (
    token_hash TEXT COLLATE "C" PRIMARY KEY,
    account_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES account (id),
    ends_at TIMESTAMPTZ NOT NULL,
    -- The secret that is offered where the account has none yet.
    totp_offer TEXT COLLATE "C" NOT NULL
);

CREATE TABLE invitation (
    id TEXT COLLATE "C" PRIMARY KEY,
    -- SHA-256 of the token in the link.
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    -- Empty where whoever has the link says it.
    email TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    town_id TEXT COLLATE "C" REFERENCES town (id),
    language TEXT COLLATE "C" NOT NULL,
    -- Whose password it sets anew; null where it makes an account.
    account_id TEXT COLLATE "C" REFERENCES account (id),
    -- The account that made it, with which it ends; null where a command or the service did.
    created_by TEXT COLLATE "C",
    created_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);

-- Failed attempts to sign in since the last success, by account or by network of the client.
CREATE TABLE sign_in_failure (
    subject TEXT COLLATE "C" PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    -- The failure before, which is the last one again where an attempt turns out to be none.
    previous_at TIMESTAMPTZ NOT NULL,
    locked_until TIMESTAMPTZ NOT NULL
);

-- Forms that were sent, so that none counts twice.
CREATE TABLE used_form (
    id TEXT COLLATE "C" PRIMARY KEY,
    used_at TIMESTAMPTZ NOT NULL
);
