-- How many answers of a display came in a day.
CREATE INDEX answer_received ON answer (display_id, received_at);
