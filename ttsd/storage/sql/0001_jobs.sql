-- Jobs and their segments. The states and the moves between them are in ttsd/protocol/jobs.py.

CREATE TABLE job (
    seq            INTEGER PRIMARY KEY,         -- order of acceptance
    id             TEXT    NOT NULL UNIQUE,
    door           TEXT    NOT NULL CHECK (door IN ('spool', 'http', 'batch')),
    state          TEXT    NOT NULL DEFAULT 'queued'
                           CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    title          TEXT    NOT NULL,
    path           TEXT,                        -- below the inbox; spool jobs only
    text           TEXT,                        -- what to speak; all other jobs
    settings       TEXT    NOT NULL,            -- JSON of JobSettings
    attempts       INTEGER NOT NULL DEFAULT 0,  -- tries that ended in an error
    not_before_s   REAL    NOT NULL DEFAULT 0,  -- back-off: Unix seconds
    error          TEXT,                        -- JSON of ErrorBody
    created_s      REAL    NOT NULL,
    started_s      REAL,
    finished_s     REAL,
    segments_total INTEGER NOT NULL DEFAULT 0,
    segments_done  INTEGER NOT NULL DEFAULT 0,
    samples        INTEGER NOT NULL DEFAULT 0,
    output         TEXT,
    CHECK ((path IS NULL) <> (text IS NULL)),
    CHECK (segments_done <= segments_total)
) STRICT;

CREATE INDEX job_waiting ON job (not_before_s, seq) WHERE state = 'queued';
CREATE INDEX job_by_state ON job (state, seq);

CREATE TABLE segment (
    job      TEXT    NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    state    TEXT    NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done')),
    key      TEXT    NOT NULL,                  -- of its clip
    samples  INTEGER NOT NULL DEFAULT 0,
    reused   INTEGER NOT NULL DEFAULT 0 CHECK (reused IN (0, 1)),
    PRIMARY KEY (job, position)
) STRICT, WITHOUT ROWID;

-- How many jobs are in each state, kept by triggers: status and metrics must not count a million rows.
CREATE TABLE tally (
    state TEXT    PRIMARY KEY,
    jobs  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

INSERT INTO tally (state) VALUES ('queued'), ('running'), ('succeeded'), ('failed'), ('cancelled');

CREATE TRIGGER job_added AFTER INSERT ON job BEGIN
    UPDATE tally SET jobs = jobs + 1 WHERE state = NEW.state;
END;

CREATE TRIGGER job_moved AFTER UPDATE OF state ON job WHEN NEW.state <> OLD.state BEGIN
    UPDATE tally SET jobs = jobs - 1 WHERE state = OLD.state;
    UPDATE tally SET jobs = jobs + 1 WHERE state = NEW.state;
END;

CREATE TRIGGER job_removed AFTER DELETE ON job BEGIN
    UPDATE tally SET jobs = jobs - 1 WHERE state = OLD.state;
END;

-- The table of legal moves, guarded where no bug can get past it.
CREATE TRIGGER job_legal_moves BEFORE UPDATE OF state ON job
WHEN NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
    VALUES ('queued', 'running'), ('queued', 'cancelled'),
           ('running', 'succeeded'), ('running', 'failed'), ('running', 'cancelled'), ('running', 'queued'),
           ('failed', 'queued'), ('cancelled', 'queued')
)
BEGIN
    SELECT RAISE(ABORT, 'illegal move of a job');
END;
