-- Versions of one file are spoken one after another: the last one that came must be the one that stays.
CREATE INDEX job_source ON job (path, spool, seq) WHERE state IN ('queued', 'running') AND path IS NOT NULL;
