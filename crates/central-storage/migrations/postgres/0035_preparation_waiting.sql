-- Every document with bytes has its row, so that those that wait for a stage are found without a look at all documents.
INSERT INTO preparation (hash) SELECT DISTINCT hash FROM document WHERE hash IS NOT NULL ON CONFLICT DO NOTHING;
CREATE INDEX preparation_by_method ON preparation (method);
CREATE INDEX preparation_to_recognise ON preparation (method) WHERE recognise;
CREATE INDEX preparation_by_drawing_method ON preparation (drawing_method);
