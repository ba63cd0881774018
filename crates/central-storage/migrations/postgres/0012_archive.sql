-- A notice whose end has come gets the state `ended`: polls and publications read only what is live.
-- Since when it is no longer live, whatever the reason.
ALTER TABLE notice RENAME COLUMN withdrawn_at TO archived_at;
CREATE INDEX notice_ended ON notice (source_id, archived_at) WHERE state = 'ended';
