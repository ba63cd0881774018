-- Documents are fetched source by source: those never fetched first, then those that failed least often. The next one
-- that is due is found by its time.
DROP INDEX document_due;
CREATE INDEX document_due ON document (source_id, (hash IS NOT NULL), failures, next_attempt_at, url) WHERE wanted;
CREATE INDEX document_next ON document (source_id, next_attempt_at) WHERE wanted;
