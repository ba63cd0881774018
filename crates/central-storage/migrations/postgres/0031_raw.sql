-- What was received of a notice stays of its newest revision alone.
UPDATE revision SET raw = '' WHERE number < (SELECT revision FROM notice WHERE notice.id = notice_id);
