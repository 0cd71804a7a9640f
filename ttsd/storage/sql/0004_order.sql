-- Who waits can be put before others, and jobs are found by words.

ALTER TABLE job ADD COLUMN is_first INTEGER NOT NULL DEFAULT 0 CHECK (is_first IN (0, 1));  -- before all others
ALTER TABLE job ADD COLUMN place    INTEGER NOT NULL DEFAULT 0;  -- order within a lane; `seq` until it is moved
UPDATE job SET place = seq;

DROP INDEX job_waiting;
CREATE INDEX job_waiting ON job (lane, is_first DESC, place) WHERE state = 'queued';
CREATE INDEX job_turn ON job (
    is_first DESC, CASE door WHEN 'http' THEN 0 WHEN 'spool' THEN 1 ELSE 2 END, place
) WHERE state = 'queued';

-- What a search looks through. A table of its own: rows of `job` hold whole texts, which nobody wants to read for it.
CREATE TABLE job_words (
    seq   INTEGER PRIMARY KEY,
    words TEXT NOT NULL  -- title, id, voice, error
) STRICT;

INSERT INTO job_words
SELECT seq, title || char(10) || id || char(10) || coalesce(json_extract(settings, '$.voice'), '') || char(10)
    || coalesce(json_extract(error, '$.message'), '')
FROM job;

CREATE TRIGGER job_words_added AFTER INSERT ON job BEGIN
    INSERT INTO job_words VALUES (
        NEW.seq, NEW.title || char(10) || NEW.id || char(10) || coalesce(json_extract(NEW.settings, '$.voice'), '')
    );
END;

CREATE TRIGGER job_words_changed AFTER UPDATE OF settings, error ON job
WHEN NEW.error IS NOT OLD.error OR NEW.settings IS NOT OLD.settings BEGIN
    UPDATE job_words SET words =
        NEW.title || char(10) || NEW.id || char(10) || coalesce(json_extract(NEW.settings, '$.voice'), '') || char(10)
        || coalesce(json_extract(NEW.error, '$.message'), '')
    WHERE seq = NEW.seq;
END;

CREATE TRIGGER job_words_removed AFTER DELETE ON job BEGIN
    DELETE FROM job_words WHERE seq = OLD.seq;
END;
