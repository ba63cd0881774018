-- How displays draw a document: the PDF that is drawn in its place, where there is one, and the pages that may be drawn
-- wrong all the same, counted from 1, as a JSON list.
ALTER TABLE preparation ADD COLUMN rendition_hash TEXT COLLATE "C";
ALTER TABLE preparation ADD COLUMN rendition_size_bytes BIGINT;
ALTER TABLE preparation ADD COLUMN doubtful_pages TEXT COLLATE "C" NOT NULL DEFAULT '[]';
-- By which version of the examining code, and what the engines said, in JSON.
ALTER TABLE preparation ADD COLUMN drawing_method BIGINT NOT NULL DEFAULT 0;
ALTER TABLE preparation ADD COLUMN examination TEXT COLLATE "C";
