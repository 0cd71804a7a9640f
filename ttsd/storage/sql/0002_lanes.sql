-- Several spools, fairness between those who use the queue, redoing one sentence, pausing, and a history that ends.

ALTER TABLE job ADD COLUMN spool TEXT NOT NULL DEFAULT '';  -- name of the spool a file came from; '' is [spool]
ALTER TABLE job ADD COLUMN user  TEXT NOT NULL DEFAULT '';  -- who asked: `uid 1000`, an address, or nobody known
ALTER TABLE job ADD COLUMN lane  TEXT NOT NULL DEFAULT '';  -- door, user and folder: lanes take turns
UPDATE job SET lane = door;

DROP INDEX job_waiting;
CREATE INDEX job_waiting ON job (lane, seq) WHERE state = 'queued';
CREATE INDEX job_due ON job (not_before_s) WHERE state = 'queued';
CREATE INDEX job_ended ON job (finished_s) WHERE state IN ('succeeded', 'failed', 'cancelled');

-- What operators set and a restart must not forget.
CREATE TABLE switch (
    name TEXT    PRIMARY KEY,
    is_on INTEGER NOT NULL CHECK (is_on IN (0, 1))
) STRICT, WITHOUT ROWID;

-- `succeeded → queued` is a redo: a sentence of it gets another take.
DROP TRIGGER job_legal_moves;
CREATE TRIGGER job_legal_moves BEFORE UPDATE OF state ON job
WHEN NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
    VALUES ('queued', 'running'), ('queued', 'cancelled'),
           ('running', 'succeeded'), ('running', 'failed'), ('running', 'cancelled'), ('running', 'queued'),
           ('succeeded', 'queued'), ('failed', 'queued'), ('cancelled', 'queued')
)
BEGIN
    SELECT RAISE(ABORT, 'illegal move of a job');
END;
