-- One query text serves SQLite and PostgreSQL, and says `wanted`: an index for `wanted = 1` is not used for that.
DROP INDEX document_due;
CREATE INDEX document_due ON document (next_attempt_at) WHERE wanted;
DROP INDEX document_by_hash;
CREATE INDEX document_by_hash ON document (hash) WHERE wanted;
