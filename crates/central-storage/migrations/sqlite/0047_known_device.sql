-- Browsers that have signed in to an account: failures of others do not lock it out in them.
CREATE TABLE known_device (
    -- SHA-256 of the token in the browser, which is stored nowhere.
    token_hash TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id),
    ends_at TEXT NOT NULL,
    PRIMARY KEY (token_hash, account_id)
);
CREATE INDEX known_device_by_account ON known_device (account_id);
