-- What was spoken, for whom, with what work: sums of an hour, and of a day once they are old.
CREATE TABLE usage (
    start_s    INTEGER NOT NULL,             -- Unix seconds of the hour's begin, or of the day's
    voice      TEXT    NOT NULL,
    door       TEXT    NOT NULL,
    user       TEXT    NOT NULL,
    clips      INTEGER NOT NULL DEFAULT 0,   -- segments that were delivered …
    reused     INTEGER NOT NULL DEFAULT 0,   -- … and how many of them came out of the clip store
    characters INTEGER NOT NULL DEFAULT 0,   -- of the delivered
    samples    INTEGER NOT NULL DEFAULT 0,   -- of the delivered
    engine_s   REAL    NOT NULL DEFAULT 0,   -- share of the worker's busy time
    measured_s REAL    NOT NULL DEFAULT 0,   -- how much of that had its power measured …
    energy_j   REAL    NOT NULL DEFAULT 0,   -- … and what was drawn in it
    PRIMARY KEY (start_s, voice, door, user)
) STRICT, WITHOUT ROWID;
