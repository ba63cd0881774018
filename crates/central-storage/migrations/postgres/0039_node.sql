-- The nodes of the service that were heard of lately: the alarms of any other are over.
CREATE TABLE node (
    name TEXT COLLATE "C" PRIMARY KEY,
    seen_at TIMESTAMPTZ NOT NULL
);

-- What concerns one node is its own from here on, and raised again by it.
UPDATE alarm SET closed_at = opened_at WHERE closed_at IS NULL AND subject_type = 'service'
AND kind IN ('clock', 'disk', 'page_worker', 'unchecked');
